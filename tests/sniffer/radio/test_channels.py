import pytest

from sniffer.radio.channels import Channel


@pytest.mark.parametrize(
    ("written", "mhz"),
    [
        *((1, 2412), (6, 2437), (11, 2462), (13, 2472), (14, 2484)),
        *((36, 5180), (64, 5320), (100, 5500), (144, 5720), (149, 5745), (165, 5825)),
        *((2437, 2437), (5955, 5955), (7115, 7115)),
    ],
)
def test_a_channel_is_written_by_its_number_or_its_frequency(written, mhz):
    assert Channel.of(written).mhz == mhz


@pytest.mark.parametrize("written", [0, -1, 15, 35, 38, 66, 181, 2413, 5200 + 5, 5960, 9999])
def test_what_is_no_channel_is_refused(written):
    with pytest.raises(ValueError, match=str(written)):
        Channel.of(written)


def test_channels_of_two_bands_with_the_same_number_differ_in_print():
    assert (str(Channel.of(1)), str(Channel.of(5955))) == ("1 (2412 MHz)", "1 (5955 MHz)")


def test_a_channel_that_only_the_kernel_knows_prints_too():
    assert str(Channel(5185)) == "? (5185 MHz)"

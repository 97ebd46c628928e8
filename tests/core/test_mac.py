import logging

import pytest

from core.mac import InvalidMacError, Mac

GALLAGHER = "3c:22:fb:9a:1b:c4"


@pytest.mark.parametrize("text", [GALLAGHER, GALLAGHER.upper(), GALLAGHER.replace(":", "-")])
def test_reads_the_usual_forms(text):
    assert Mac.parse(text).text() == GALLAGHER


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("3c:22:fb:9a:1b", id="five-octets"),
        pytest.param("3c:22:fb:9a:1b:c4:00", id="seven-octets"),
        pytest.param("3c:22:fb:9a:1b:zz", id="no-hex"),
        pytest.param("3c-22:fb-9a:1b-c4", id="mixed-separators"),
        pytest.param("3c22fb9a1bc4", id="no-separators"),
    ],
)
def test_refuses_other_text_without_repeating_it(text):
    with pytest.raises(InvalidMacError) as caught:
        Mac.parse(text)

    assert text == "" or text not in str(caught.value)


@pytest.mark.parametrize("show", [str, repr, "{}".format, "%s".__mod__])
def test_shows_nothing_when_printed(show):
    assert show(Mac.parse(GALLAGHER)) == "Mac(hidden)"


def test_shows_its_end_alone_when_masked():
    assert Mac.parse(GALLAGHER).masked() == "**:1b:c4"


def test_hides_in_a_log_line(caplog):
    logging.getLogger("x").warning("seen %s", Mac.parse(GALLAGHER))

    assert "3c" not in caplog.text


@pytest.mark.parametrize(
    ("text", "randomised", "group"),
    [
        pytest.param(GALLAGHER, False, False, id="sold"),
        pytest.param("da:a1:19:00:00:01", True, False, id="made-up"),
        pytest.param("01:00:5e:00:00:fb", False, True, id="multicast"),
        pytest.param("ff:ff:ff:ff:ff:ff", True, True, id="broadcast"),
    ],
)
def test_tells_what_kind_of_address_it_is(text, randomised, group):
    mac = Mac.parse(text)

    assert (mac.is_randomised, mac.is_group) == (randomised, group)

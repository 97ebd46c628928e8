import numpy as np
import pytest

from analytics.devices import signals

SIZES = np.array([1.0, 2.0, 3.0, 10.0])
EVERY_S, SCANS = 30.0, 20
CHANNEL_MHZ = 2412


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def phone(rng, strength_dbm, *, shift_s=0.0, wanders_db=1.0, addresses=None):
    at_s = shift_s + EVERY_S * np.arange(SCANS)
    address = rng.integers(1 << 40, size=SCANS) if addresses is None else addresses
    return list(zip(at_s, address, strength_dbm + rng.normal(0, wanders_db, SCANS), strict=True))


def elsewhere(rng):
    """Phones of another group, for what signals there are in the place."""
    return [row for strength_dbm in range(-90, -30, 5) for row in phone(rng, strength_dbm)]


def likelihood(rng, *phones, channel_mhz=None):
    """Of the phones, as one group, at its best scale: by `SIZES`, one phone as 0."""
    mine = [row for one in phones for row in one]
    rows = [*mine, *elsewhere(rng)]
    at_s, address, signal_dbm = (np.array(column) for column in zip(*rows, strict=True))
    group = np.arange(len(rows)) >= len(mine)
    channels = np.full(len(rows), CHANNEL_MHZ)
    if channel_mhz is not None:
        channels[: len(mine)] = channel_mhz
    scans = np.full(2, float(len(mine)))
    found = signals.log_likelihood(
        at_s, address.astype(np.int64), group.astype(np.int64), signal_dbm, channels,
        scans=scans, sizes=SIZES,
    )[0]  # fmt: skip
    best = found[found.max(axis=1).argmax()]
    return best - best[0]


def test_a_phone_at_one_strength_is_one(rng):
    assert (likelihood(rng, phone(rng, -60))[1:] < -3).all()


def test_strengths_of_two_are_not_one_phones(rng):
    assert likelihood(rng, phone(rng, -50), phone(rng, -75, shift_s=13))[1] > 2


def test_two_that_take_turns_by_the_clock_are_two_rather_than_ten(rng):
    found = likelihood(rng, phone(rng, -50), phone(rng, -75, shift_s=EVERY_S / 2))

    assert found[1] > found[3]


def test_ten_are_rather_ten_than_two(rng):
    ten = [phone(rng, -90 + 5 * each, shift_s=3.0 * each) for each in rng.permutation(10)]
    found = likelihood(rng, *ten)

    assert found[3] > found[1]


def test_that_one_address_moves_about_does_not_make_it_two(rng):
    moved = phone(rng, -60, wanders_db=15, addresses=np.full(SCANS, 5))

    assert likelihood(rng, moved) == pytest.approx(0, abs=0.5)


def test_a_phone_that_moves_all_the_time_may_be_one(rng):
    assert (likelihood(rng, phone(rng, -60, wanders_db=15)) < 6).all()


def test_frames_that_a_neighbouring_channel_hears_more_faintly_are_of_the_sweep(rng):
    strong = phone(rng, -50)
    faint = [(at_s + 0.2, address + 1, strength_dbm - 30) for at_s, address, strength_dbm in strong]

    assert (likelihood(rng, strong, faint)[1:] < -3).all()


def test_channels_are_not_compared(rng):
    low, high = phone(rng, -50), phone(rng, -75, shift_s=13)
    channels = np.repeat([2412, 5180], SCANS)

    assert likelihood(rng, low, high, channel_mhz=channels)[1] < 0


def test_without_a_signal_nothing_is_said(rng):
    nothing = np.full(3, np.nan)
    found = signals.log_likelihood(
        np.array([0.0, 20, 40]), np.arange(3), np.zeros(3, np.int64), nothing, np.zeros(3, int),
        scans=np.array([3.0]), sizes=SIZES,
    )  # fmt: skip

    assert not found.any()


def test_a_sensor_that_always_tells_the_same_signal_says_nothing(rng):
    at_s, group = np.tile(30.0 * np.arange(400), 2), np.repeat([0, 1], 400)
    found = signals.log_likelihood(
        at_s, rng.integers(1 << 40, size=800), group, np.full(800, -60.0), np.zeros(800, int),
        scans=np.array([400.0, 400.0]), sizes=SIZES,
    )  # fmt: skip
    per_scan = (found[0].max(axis=0) - found[0].max(axis=0)[0]) / 400

    assert per_scan == pytest.approx(0, abs=0.1)

import datetime as dt
import zoneinfo

import pytest

from core.pseudonym import DayKeys
from sniffer.frames import ProbeRequest
from sniffer.pseudonymiser import BadTimeError, Pseudonymiser

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
# 16 May 2026, 00:00 in Shanghai.
MIDNIGHT_US = int(dt.datetime(2026, 5, 16, tzinfo=SHANGHAI).timestamp()) * 1_000_000

REQUEST = ProbeRequest(bytes.fromhex("da2ef9a41b07"), -60, 2437, 1, b"12345678")


@pytest.fixture
def pseudonymiser():
    return Pseudonymiser(DayKeys(40), SHANGHAI, "door")


def test_keeps_what_may_be_kept(pseudonymiser):
    sighting = pseudonymiser.sighting(REQUEST, MIDNIGHT_US + 5)

    assert (sighting.heard_at_us, sighting.sensor) == (MIDNIGHT_US + 5, "door")
    assert (sighting.signal_dbm, sighting.frequency_mhz, sighting.randomised) == (-60, 2437, True)
    assert 0 <= sighting.address < 1 << 40
    assert 0 <= sighting.fingerprint < 1 << 40


def test_the_same_phone_is_the_same_all_day_and_another_the_next(pseudonymiser):
    hours = [MIDNIGHT_US + hour * 60 * MINUTE_US for hour in (0, 12, 23)]
    pairs = [pseudonymiser.sighting(REQUEST, at_us) for at_us in hours]
    tomorrow = pseudonymiser.sighting(REQUEST, MIDNIGHT_US + DAY_US)

    assert len({(each.address, each.fingerprint) for each in pairs}) == 1
    assert tomorrow.address != pairs[0].address
    assert tomorrow.fingerprint != pairs[0].fingerprint


def test_address_and_fingerprint_of_the_same_octets_differ(pseudonymiser):
    request = REQUEST._replace(fingerprint=REQUEST.address)
    sighting = pseudonymiser.sighting(request, MIDNIGHT_US)

    assert sighting.address != sighting.fingerprint


def test_another_start_gives_other_pseudonyms():
    one, other = (
        Pseudonymiser(DayKeys(40), SHANGHAI, "door").sighting(REQUEST, MIDNIGHT_US)
        for _ in range(2)
    )

    assert one._replace(address=0, fingerprint=0) == other._replace(address=0, fingerprint=0)
    assert one.address != other.address
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("after_midnight_us", "day"),
    [(-1, "2026-05-15"), (0, "2026-05-16"), (DAY_US - 1, "2026-05-16"), (DAY_US, "2026-05-17")],
)
def test_the_day_is_the_stores(pseudonymiser, after_midnight_us, day):
    assert pseudonymiser.day_of(MIDNIGHT_US + after_midnight_us).isoformat() == day


def test_the_day_may_be_longer_when_clocks_change():
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    pseudonymiser = Pseudonymiser(DayKeys(40), zone, "door")
    autumn = int(dt.datetime(2026, 10, 25, tzinfo=zone).timestamp()) * 1_000_000

    assert pseudonymiser.day_of(autumn + DAY_US).isoformat() == "2026-10-25"
    assert pseudonymiser.day_of(autumn + DAY_US + 60 * MINUTE_US).isoformat() == "2026-10-26"


def test_frames_around_midnight_may_come_in_any_order(pseudonymiser):
    before = pseudonymiser.sighting(REQUEST, MIDNIGHT_US - 1)
    pseudonymiser.sighting(REQUEST, MIDNIGHT_US)

    assert pseudonymiser.sighting(REQUEST, MIDNIGHT_US - 1) == before


def test_the_key_of_yesterday_goes_half_an_hour_after_midnight(pseudonymiser):
    pseudonymiser.sighting(REQUEST, MIDNIGHT_US - 1)
    pseudonymiser.sighting(REQUEST, MIDNIGHT_US + 30 * MINUTE_US - 1)
    pseudonymiser.sighting(REQUEST, MIDNIGHT_US - 1)
    pseudonymiser.sighting(REQUEST, MIDNIGHT_US + 30 * MINUTE_US)

    with pytest.raises(BadTimeError, match="gone"):
        pseudonymiser.sighting(REQUEST, MIDNIGHT_US - 1)


def test_asking_for_the_day_of_a_moment_drops_no_key(pseudonymiser):
    """Another sensor's clock may be wrong."""
    before = pseudonymiser.sighting(REQUEST, MIDNIGHT_US)

    pseudonymiser.day_of(MIDNIGHT_US + 400 * DAY_US)

    assert pseudonymiser.sighting(REQUEST, MIDNIGHT_US) == before


@pytest.fixture
def strict():
    return Pseudonymiser(DayKeys(40), SHANGHAI, "door", is_strict=True)


def test_strict_a_phone_is_the_same_within_a_window_and_another_in_the_next(strict):
    first = [strict.sighting(REQUEST, MIDNIGHT_US + second) for second in (0, 4 * MINUTE_US - 1)]
    then = strict.sighting(REQUEST, MIDNIGHT_US + 4 * MINUTE_US)

    assert len({(each.address, each.fingerprint) for each in first}) == 1
    assert then.address != first[0].address
    assert then.fingerprint != first[0].fingerprint


def test_strict_no_key_lasts_five_minutes(strict):
    strict.sighting(REQUEST, MIDNIGHT_US)
    strict.sighting(REQUEST, MIDNIGHT_US + 4 * MINUTE_US)
    strict.sighting(REQUEST, MIDNIGHT_US + 4 * MINUTE_US - 1)
    strict.sighting(REQUEST, MIDNIGHT_US + 4 * MINUTE_US + 10_000_000)

    with pytest.raises(BadTimeError, match="gone"):
        strict.sighting(REQUEST, MIDNIGHT_US + 4 * MINUTE_US - 1)


def test_strict_a_key_goes_though_nobody_is_heard_after_it(strict):
    strict.sighting(REQUEST, MIDNIGHT_US)
    strict.pass_to(MIDNIGHT_US + 4 * MINUTE_US + 9_999_999)
    strict.sighting(REQUEST, MIDNIGHT_US)

    strict.pass_to(MIDNIGHT_US + 4 * MINUTE_US + 10_000_000)

    with pytest.raises(BadTimeError, match="gone"):
        strict.sighting(REQUEST, MIDNIGHT_US)


def test_a_day_long_gone_gets_no_new_key(pseudonymiser):
    for day in range(3):
        pseudonymiser.sighting(REQUEST, MIDNIGHT_US + day * DAY_US)

    with pytest.raises(BadTimeError, match="gone"):
        pseudonymiser.sighting(REQUEST, MIDNIGHT_US)


@pytest.mark.parametrize(
    "at_us", [1 << 64, -(1 << 62), 253_402_300_799_999_999, -62_135_596_800_000_000]
)
def test_a_time_beyond_the_calendar_is_refused(pseudonymiser, at_us):
    with pytest.raises(BadTimeError, match="impossible"):
        pseudonymiser.day_of(at_us)

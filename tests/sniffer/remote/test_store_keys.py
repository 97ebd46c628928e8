import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import sightings
from core.pseudonym import DayKeys
from core.setting_groups.sensor import SensorSettings
from core.settings import Settings
from core.sightings import WindowCount
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, Frame, ProbeRequest, decode
from sniffer.periods import BadTimeError, Periods
from sniffer.pseudonymiser import Pseudonymiser
from sniffer.remote.lent import LentPseudonyms, NoKeyError
from sniffer.remote.loan import Loan
from sniffer.remote.shape import Keys
from sniffer.remote.store_keys import PeriodKeys
from sniffer.source import Batch
from tests.sniffer.octets import probe_request

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
MIDNIGHT_US = int(dt.datetime(2026, 5, 17, tzinfo=SHANGHAI).timestamp()) * 1_000_000
REQUEST = ProbeRequest(b"\xda\0\0\0\0\1", -60, 2437, 7, b"looks")


@pytest.mark.parametrize("is_strict", [False, True], ids=["day", "window"])
@given(after_us=st.integers(-20 * 3600 * 1_000_000, 20 * 3600 * 1_000_000))
def test_box_and_sensor_make_the_same_pseudonyms_at_any_moment(is_strict, after_us):
    at_us = MIDNIGHT_US + after_us
    keys = DayKeys(24)
    loan = Loan()
    handed = PeriodKeys(keys, SHANGHAI, is_strict=is_strict).of(at_us)
    loan.take(Keys(0, 0, keys.bits, [handed], None))

    here = Pseudonymiser(keys, SHANGHAI, "corner", is_strict=is_strict).sighting(REQUEST, at_us)
    assert LentPseudonyms(loan, "corner").sighting(REQUEST, at_us) == here
    assert handed.from_us <= at_us < handed.until_us


@given(at_us=st.integers(0, 4_000_000_000_000_000), is_strict=st.booleans())
def test_periods_follow_each_other_without_a_gap(at_us, is_strict):
    periods = Periods(BERLIN, is_strict=is_strict)

    period = periods.of(at_us)

    assert period.start_us <= at_us < period.end_us
    assert periods.of(period.start_us) == periods.of(period.end_us - 1) == period
    assert periods.of(period.end_us).start_us == period.end_us


def test_in_strict_mode_box_and_sensor_count_a_phone_once_in_a_window(tmp_path):
    strict = Settings(data_dir=tmp_path, sensor=SensorSettings(strict=True))
    keys = DayKeys(24)
    handed = PeriodKeys(keys, SHANGHAI, is_strict=True)
    loan = Loan()

    def heard_here(second):
        return Frame(MIDNIGHT_US + second * 1_000_000, LINK_RADIOTAP, probe_request())

    def heard_there(second):
        at_us = MIDNIGHT_US + second * 1_000_000
        loan.take(Keys(0, 0, keys.bits, [handed.of(at_us)], None))
        request = decode(probe_request(sequence=second), LINK_RADIOTAP)
        return Batch([(LentPseudonyms(loan, "corner").sighting(request, at_us), second)])

    def count(start_us, heard):
        return WindowCount(start_us, len({each.address for each in heard}), len(heard))

    def items():
        yield heard_here(0)
        yield heard_here(241)
        yield heard_there(300)
        yield heard_there(479)
        yield heard_here(600)

    of_box(strict, keys=keys, count_window=count).run(items(), lambda: False)

    with sightings.reading(strict.sightings_dir, dt.date(2026, 5, 17)) as connection:
        windows = connection.execute("SELECT near, inside FROM windows").fetchall()
    assert windows == [(1, 3)]


def test_each_key_has_a_name_that_does_not_give_it_away():
    keys = DayKeys(24)
    handed = PeriodKeys(keys, SHANGHAI, is_strict=False)
    today, tomorrow = handed.of(MIDNIGHT_US - 1), handed.of(MIDNIGHT_US)
    restarted = PeriodKeys(DayKeys(24), SHANGHAI, is_strict=False).of(MIDNIGHT_US)

    assert len({today.id, tomorrow.id, restarted.id}) == 3
    assert tomorrow.id not in tomorrow.key.hex()


@pytest.mark.parametrize(
    ("is_strict", "late_s", "grace_s"), [(False, 20 * 60, 30 * 60), (True, 6, 10)]
)
def test_a_key_is_forgotten_in_time_though_the_box_hears_nothing_itself(is_strict, late_s, grace_s):
    """What is late is taken no longer than that, so that it is written before."""
    handed = PeriodKeys(DayKeys(24), SHANGHAI, is_strict=is_strict)
    assert handed.of(MIDNIGHT_US - 1).late_us // 1_000_000 == late_s

    handed.settle(MIDNIGHT_US + (grace_s - 1) * 1_000_000)
    handed.of(MIDNIGHT_US - 1)
    handed.settle(MIDNIGHT_US + grace_s * 1_000_000)
    with pytest.raises(KeyError):
        handed.of(MIDNIGHT_US - 1)


def test_a_time_beyond_the_calendar_has_no_key():
    with pytest.raises(KeyError):
        PeriodKeys(DayKeys(24), SHANGHAI, is_strict=False).of(1 << 62)


def test_without_a_key_nothing_is_made(now):
    with pytest.raises(NoKeyError) as none:
        LentPseudonyms(Loan(), "corner").sighting(REQUEST, MIDNIGHT_US)

    assert none.value.reason == "no_key"
    assert isinstance(none.value, BadTimeError)

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, opening_hours
from core.opening_hours import OpeningHoursError, Span

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
MONDAY = dt.date(2026, 5, 11)
DAY = Span(600, 1320)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        pytest.param("10:00-22:00", [[DAY]] * 7, id="every-day"),
        pytest.param("Mo-Fr 10:00-22:00", [[DAY]] * 5 + [[]] * 2, id="working-days"),
        pytest.param(
            "Mo-Fr 10:00-22:00; Sa,Su 09:00-23:00",
            [[DAY]] * 5 + [[Span(540, 1380)]] * 2,
            id="two-rules",
        ),
        pytest.param("Mo-Su 10:00-22:00; Tu off", [[DAY], [], *[[DAY]] * 5], id="a-day-off"),
        pytest.param("Sa-Mo 10:00-22:00", [[DAY], *[[]] * 4, [DAY], [DAY]], id="over-the-week"),
        pytest.param(
            "11:30-14:00, 17:00-02:00", [[Span(690, 840), Span(1020, 1560)]] * 7, id="a-bar"
        ),
        pytest.param("17:00-26:00", [[Span(1020, 1560)]] * 7, id="past-midnight-as-26"),
        pytest.param("18:00-24:00", [[Span(1080, 1440)]] * 7, id="to-midnight"),
        pytest.param("24/7", [[Span(0, 1440)]] * 7, id="always"),
    ],
)
def test_reads_rules(text, week):
    assert opening_hours.parse(text).week == tuple(tuple(day) for day in week)


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_written_is_hours_not_known(text):
    assert opening_hours.parse(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("Mo-Fr", "expected a time such as", id="no-times"),
        pytest.param("Mo-Fr 10-22", "expected a time such as", id="no-minutes"),
        pytest.param("PH off", "note in the dashboard", id="holidays"),
        pytest.param("Mo-Fr 10:00-22:00; Dec 25 off", "'Dec' is none of Mo", id="a-date"),
        pytest.param("Xx 10:00-22:00", "none of Mo, Tu", id="no-such-day"),
        pytest.param("25:00-26:00", "no such time", id="no-such-hour"),
        pytest.param("10:70-12:00", "no such time", id="no-such-minute"),
        pytest.param("10:00-35:00", "longer than a day", id="too-long"),
        pytest.param("10:00-15:00,14:00-20:00", "overlap", id="overlap"),
        pytest.param("Mo 10:00-22:00;", "expected days and times", id="nothing-after-it"),
    ],
)
def test_says_what_cannot_be_read(text, said):
    with pytest.raises(OpeningHoursError, match=said):
        opening_hours.parse(text)


def test_a_day_is_open_on_the_store_s_clock():
    hours = opening_hours.parse("Mo 10:00-22:00")

    assert hours.on(MONDAY, SHANGHAI) == [
        (dt.datetime(2026, 5, 11, 2, tzinfo=dt.UTC), dt.datetime(2026, 5, 11, 14, tzinfo=dt.UTC))
    ]
    assert hours.on(MONDAY + dt.timedelta(days=1), SHANGHAI) == []


def test_a_night_belongs_to_the_day_it_began_on_where_days_begin_in_the_morning():
    hours = opening_hours.parse("Mo 20:00-03:00")
    zone = clock.StoreZone.of("Asia/Shanghai", dt.time(5))

    (opens, closes), *rest = hours.on(MONDAY, zone)

    assert (closes - opens, rest) == (dt.timedelta(hours=7), [])
    assert hours.on(MONDAY + dt.timedelta(days=1), zone) == []
    assert hours.hours_on(0) == {20, 21, 22, 23, 0, 1, 2}


def test_midnight_cuts_a_night_where_days_begin_then():
    hours = opening_hours.parse("Mo 20:00-03:00")

    lengths = [
        sum((closes - opens for opens, closes in hours.on(day, SHANGHAI)), dt.timedelta())
        for day in (MONDAY, MONDAY + dt.timedelta(days=1))
    ]

    assert lengths == [dt.timedelta(hours=4), dt.timedelta(hours=3)]
    assert hours.crosses(dt.time())
    assert not hours.crosses(dt.time(5))


@pytest.mark.parametrize(
    ("text", "begins", "crosses"),
    [
        ("10:00-22:00", dt.time(), False),
        ("18:00-24:00", dt.time(), False),
        ("24/7", dt.time(4), False),
        ("04:00-20:00", dt.time(5), True),
        ("20:00-06:00", dt.time(5), True),
        ("06:00-05:00", dt.time(5), False),
    ],
)
def test_knows_whether_the_day_begins_while_open(text, begins, crosses):
    assert opening_hours.parse(text).crosses(begins) is crosses


def test_on_the_day_the_clocks_go_back_a_night_is_an_hour_longer():
    hours = opening_hours.parse("00:00-06:00")

    (opens, closes), *_ = hours.on(dt.date(2026, 10, 25), BERLIN)

    assert closes - opens == dt.timedelta(hours=7)


SPANS = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda pair: Span(pair[0], pair[0] + pair[1])
)


@given(SPANS, st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), st.integers(0, 6))
def test_days_together_are_open_as_long_as_the_spans_say(span, day, begins):
    hours = opening_hours.OpeningHours(((span,),) * 7)
    zone = clock.StoreZone.of("Asia/Shanghai", dt.time(begins))

    stretches = [
        each for number in range(-2, 3) for each in hours.on(day + dt.timedelta(number), zone)
    ]

    start, end = clock.day_bounds(day, zone)
    inside = [(max(start, one), min(end, other)) for one, other in stretches]
    assert hours.on(day, zone) == [each for each in inside if each[0] < each[1]]

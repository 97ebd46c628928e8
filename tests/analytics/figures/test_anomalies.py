import datetime as dt
import random

import pytest

from analytics.figures import anomalies, report
from analytics.figures.anomalies import Kind, Sure
from core.models.day_note import DayNote, NoteKind
from core.models.traffic import PresenceHour
from tests.analytics.traffic_days import day_row

MONDAY = dt.date(2026, 5, 11)
DAY = dt.timedelta(days=1)
WEEKS = 9


def ordinary(day, rng, **changes):
    """A day like others of its weekday, give or take a tenth."""
    level = rng.lognormvariate(0, 0.1) * (1.5 if day.weekday() >= 5 else 1)
    row = day_row(day, round(200 * level), round(1000 * level))
    row.probe_requests = round(20000 * level)
    row.heard_s = 86400
    for name, value in changes.items():
        setattr(row, name, value)
    return row


@pytest.fixture
def find(settings):
    """What is found on the Monday, after weeks of ordinary days, with changes to its row."""

    def found(*, weeks=WEEKS, days=1, noted=(), deaf=(), **changes):
        rng = random.Random(3)
        rows = [ordinary(MONDAY - back * DAY, rng) for back in range(7 * weeks, 0, -1)]
        rows += [ordinary(MONDAY + number * DAY, rng, **changes) for number in range(days)]
        reports = [report.of(row, (), settings, deaf if row.day == MONDAY else ()) for row in rows]
        return anomalies.of_days(reports, MONDAY, noted)

    return found


@pytest.mark.parametrize(
    ("changes", "kind", "times"),
    [
        pytest.param({}, None, None, id="a-day-like-others"),
        pytest.param({"visitors": 270}, None, None, id="a-good-day"),
        pytest.param({"visitors": 600}, Kind.MORE_VISITORS, 3, id="a-sale"),
        pytest.param({"visitors": 50}, Kind.FEWER_VISITORS, 0.25, id="a-blocked-door"),
        pytest.param({"visitors": 0}, Kind.FEWER_VISITORS, 0.0125, id="no-visitor"),
        pytest.param({"passers_by": 4000}, Kind.MORE_PASSERS_BY, 4, id="a-street-fair"),
        pytest.param({"passers_by": 200}, Kind.FEWER_PASSERS_BY, 0.2, id="roadworks"),
        pytest.param(
            {"visitors": 40, "passers_by": 200}, Kind.HEARS_LESS, 0.2, id="half-deaf-or-typhoon"
        ),
        pytest.param({"probe_requests": 60000}, Kind.MORE_FRAMES, 3, id="a-new-system-on-phones"),
        pytest.param({"fixtures": 60}, Kind.MORE_FIXTURES, 24, id="a-delivery-of-furniture"),
        pytest.param({"fixtures": 10}, None, None, id="a-new-printer"),
    ],
)
def test_tells_what_is_out_of_the_ordinary(find, changes, kind, times):
    found = find(**changes)

    assert [each.kind for each in found] == ([kind] if kind else [])
    if kind:
        assert found[0].times == pytest.approx(times, rel=0.25)
        assert (found[0].first, found[0].last) == (MONDAY, MONDAY)


def test_both_figures_up_are_two_findings(find):
    found = find(visitors=900, passers_by=4500)

    assert {each.kind for each in found} == {Kind.MORE_VISITORS, Kind.MORE_PASSERS_BY}


def test_more_frames_from_more_phones_is_no_finding_of_its_own(find):
    kinds = {each.kind for each in find(passers_by=6000, probe_requests=120000)}

    assert Kind.MORE_FRAMES not in kinds


def test_how_sure_it_is(find):
    assert find(visitors=2000)[0].sure is Sure.LIKELY
    assert find(visitors=40, passers_by=200)[0].sure is Sure.POSSIBLE


@pytest.mark.parametrize(
    "circumstances",
    [
        pytest.param({"weeks": 3}, id="a-young-store"),
        pytest.param({"noted": {MONDAY}}, id="a-day-with-a-note"),
        pytest.param({"closed_at": None}, id="a-running-day"),
    ],
)
def test_says_nothing_of_days_that_it_cannot_judge(find, circumstances):
    assert find(visitors=2000, **circumstances) == ()


def test_the_same_on_days_in_a_row_is_one_finding(find):
    (found,) = find(visitors=2000, days=3)

    assert (found.first, found.last) == (MONDAY, MONDAY + 2 * DAY)


def deaf(day, *hours):
    """Silent hours on the clock of Shanghai."""
    zone = dt.timezone(8 * dt.timedelta(hours=1))
    return [dt.datetime.combine(day, dt.time(hour), zone) for hour in hours]


def test_a_silent_sensor_is_told_by_its_hours_and_its_day_not_judged(find):
    (found,) = find(visitors=0, passers_by=0, deaf=deaf(MONDAY, 12, 13))

    assert (found.kind, found.sure) == (Kind.SENSOR_SILENT, Sure.MEASURED)
    assert [hour.hour for hour in found.hours] == [12, 13]


def test_of_a_day_with_a_note_silence_is_no_news(find):
    assert find(visitors=0, noted={MONDAY}, deaf=deaf(MONDAY, 12)) == ()


def test_a_day_that_the_sensor_missed_is_not_what_is_usual(settings):
    rng = random.Random(3)
    rows = [ordinary(MONDAY - 7 * back * DAY, rng) for back in range(8, 0, -1)]
    reports = [
        report.of(row, (), settings, deaf(row.day, 12) if row.day < MONDAY - 28 * DAY else ())
        for row in [*rows, ordinary(MONDAY, rng, visitors=2000)]
    ]

    assert [each.kind for each in anomalies.of_days(reports, MONDAY)] == [Kind.MORE_VISITORS]
    assert anomalies.of_days(reports[1:-1], MONDAY - 28 * DAY) == ()


def test_finds_days_without_figures_and_leaves_noted_ones_out(any_database, settings, now):
    rng = random.Random(3)
    first = MONDAY - 63 * DAY
    rows = [ordinary(first + number * DAY, rng) for number in range(63)]
    missing, strict = rows.pop(50).day, rows.pop(52).day
    rows[-1].visitors = rows[-2].visitors = 2000
    with any_database.writing() as session:
        session.add_all(rows)
        session.add(PresenceHour(start=now, day=strict, windows=4, near=9, inside=3, near_most=9))
        sale = {"kind": NoteKind.CLOSED, "text": "stocktaking", "written_at": now}
        session.add(DayNote(first=rows[-1].day, last=rows[-1].day, **sale))

    found = anomalies.find(any_database, settings, MONDAY - 28 * DAY, MONDAY, today=MONDAY)

    assert [(each.kind, each.first, each.last) for each in found] == [
        (Kind.NOTHING_COUNTED, missing, missing),
        (Kind.MORE_VISITORS, rows[-2].day, rows[-2].day),
    ]


def test_days_that_lack_figures_up_to_today_are_missing(any_database, settings):
    with any_database.writing() as session:
        session.add(day_row(MONDAY))

    found = anomalies.find(
        any_database, settings, MONDAY - DAY, MONDAY + 7 * DAY, today=MONDAY + 3 * DAY
    )

    assert [(each.first, each.last) for each in found] == [(MONDAY + DAY, MONDAY + 2 * DAY)]


@pytest.fixture
def days_off(database, settings):
    """The days without figures that are told of the Monday's week, with hours or a note."""

    def found(opening_hours="", kind=None):
        store = settings.store.model_copy(update={"opening_hours": opening_hours})
        with database.writing() as session:
            session.query(DayNote).delete()
            if kind is not None:
                note = DayNote(kind=kind, text="why", first=MONDAY + DAY, last=MONDAY + DAY)
                note.written_at = dt.datetime(2026, 5, 12, tzinfo=dt.UTC)
                session.add(note)
        told = anomalies.find(
            database,
            settings.model_copy(update={"store": store}),
            MONDAY,
            MONDAY + 6 * DAY,
            today=MONDAY + 3 * DAY,
        )
        return [(each.first - MONDAY).days for each in told]

    return found


def test_a_shut_store_lacks_no_figures(days_off, database):
    with database.writing() as session:
        session.add_all([day_row(MONDAY), day_row(MONDAY + 2 * DAY)])

    assert days_off() == [1]
    assert days_off(kind=NoteKind.CLOSED) == []
    assert days_off(kind=NoteKind.WEATHER) == [1]
    assert days_off("Mo,We-Su 10:00-22:00") == []


def test_a_store_in_strict_mode_alone_is_told_that_the_box_was_off(days_off, database, now):
    with database.writing() as session:
        session.add(PresenceHour(start=now, day=MONDAY, windows=4, near=9, inside=3, near_most=9))

    assert days_off() == [1]


def test_a_store_without_figures_has_nothing_out_of_the_ordinary(any_database, settings):
    assert anomalies.find(any_database, settings, MONDAY, MONDAY, today=MONDAY) == ()

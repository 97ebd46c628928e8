"""What goes into a report besides the figures of its days."""

import datetime as dt

import pytest

from analytics.calibration import people, thresholds
from analytics.reports import composition, contents, words
from analytics.reports.document import Layer
from analytics.reports.period import Period
from core.models.counting_session import CountingSession, CountSource
from core.models.day_note import DayNote, NoteKind
from core.models.traffic import TrafficHour
from core.setting_groups.store import StoreSettings
from tests.analytics.reports.conftest import NOON, count_day

MONDAY = dt.date(2026, 5, 4)
DAY = dt.timedelta(days=1)
WEEK = Period(MONDAY, MONDAY + 6 * DAY)


@pytest.fixture
def shop(database, settings):
    """A week of which the Wednesday is missing, with people counted on its Monday."""
    with database.writing() as session:
        for number in (0, 1, 3, 4, 5, 6):
            count_day(session, MONDAY + number * DAY)
        for hour in (10, 12, 13):
            begun_at = dt.datetime.combine(MONDAY, dt.time(hour - 8), dt.UTC)
            rules = thresholds.rules_hash(settings)
            span = {"begun_at": begun_at, "ended_at": begun_at + dt.timedelta(hours=1)}
            who = {"user_name": "alice", "source": CountSource.HAND, "rules": rules}
            session.add(CountingSession(**span, **who, entered=75, passed=None))
    return database


@pytest.fixture
def write(database):
    def add(kind, first, last=None):
        with database.writing() as session:
            note = {"kind": kind, "text": "x", "written_at": NOON}
            session.add(DayNote(first=first, last=last or first, **note))

    return add


def test_people_stand_beside_the_devices_with_a_layer_of_their_own(shop, settings):
    found = contents.find(shop, settings, WEEK, NOON)
    document = composition.compose(found, words.load(settings, "en"))
    devices, people = document.sections[:2]

    assert (devices.layer, people.layer) == (Layer.ESTIMATED, Layer.CALIBRATED)
    assert [each.name for each in people.blocks[0].items] == ["Visitors"], "none counted outside"
    assert found.people.visitors.value > found.traffic.visitors.value
    assert found.people.visitors.low < found.people.visitors.value < found.people.visitors.high


def test_people_are_not_told_of_days_long_before_the_count(shop, settings):
    long_ago = Period(MONDAY - 120 * DAY, MONDAY - 114 * DAY)
    with shop.writing() as session:
        count_day(session, long_ago.first)

    assert contents.find(shop, settings, long_ago, NOON).people == people.NOT_KNOWN


def test_people_are_not_told_of_days_before_anybody_counted(shop, settings):
    """What was so then nobody knows: the history page says nothing either."""
    before = Period(MONDAY - 7 * DAY, MONDAY - 7 * DAY)
    with shop.writing() as session:
        count_day(session, before.first)

    assert contents.find(shop, settings, before, NOON).people == people.NOT_KNOWN


def test_people_are_not_told_across_a_move_of_the_sensor(shop, settings, write):
    tuesday = Period(MONDAY + DAY, MONDAY + DAY)
    assert contents.find(shop, settings, tuesday, NOON).people != people.NOT_KNOWN
    write(NoteKind.SENSOR_MOVED, MONDAY + DAY)

    assert contents.find(shop, settings, tuesday, NOON).people == people.NOT_KNOWN


def test_a_day_without_figures_is_silent_unless_the_shop_was_shut(shop, settings, write):
    wednesday = MONDAY + 2 * DAY
    assert contents.find(shop, settings, WEEK, NOON).silent_days == (wednesday,)

    hours = {"store": StoreSettings(opening_hours="Mo-Su 10:00-22:00; We off")}
    shut = settings.model_copy(update=hours)
    assert contents.find(shop, shut, WEEK, NOON).silent_days == ()

    write(NoteKind.CLOSED, wednesday)
    assert contents.find(shop, settings, WEEK, NOON).silent_days == ()


def test_days_that_are_not_like_others_say_nothing_of_what_is_usual(shop, settings, write):
    sunday = Period(MONDAY + 6 * DAY, MONDAY + 6 * DAY)
    with shop.writing() as session:
        for weeks in (1, 2, 3, 4, 5):
            count_day(session, sunday.first - weeks * 7 * DAY)
    assert contents.find(shop, settings, sunday, NOON).usual.visitors.pairs == 5
    write(NoteKind.CLOSED, sunday.first - 14 * DAY)
    assert contents.find(shop, settings, sunday, NOON).usual.visitors.pairs == 4

    with shop.writing() as session:
        for weeks, heard_s in ((5, 3600), (3, 60)):
            noon = dt.datetime.combine(sunday.first - weeks * 7 * DAY, dt.time(4), dt.UTC)
            session.get(TrafficHour, noon).heard_s = heard_s
    hours = {"store": StoreSettings(opening_hours="Mo-Su 10:00-22:00")}
    known = settings.model_copy(update=hours)
    assert contents.find(shop, known, sunday, NOON).usual.visitors.pairs == 3

"""Which thresholds hold: of the file, a walk, the data, or the default."""

import datetime as dt

import pytest

from analytics import rollup
from analytics.calibration import thresholds
from analytics.calibration.thresholds import Origin
from core.models.day_note import DayNote, NoteKind
from core.models.walk import Walk
from core.setting_groups.traffic import TrafficSettings

DEFAULT = (-65, -88)


@pytest.fixture
def walked(database, now):
    def put(inside, outside, days_ago=0, **more):
        at = now - dt.timedelta(days=days_ago)
        walk = Walk(user_name="alice", begun_at=at, inside_dbm=inside, outside_dbm=outside)
        walk.accepted_at = at
        for name, value in more.items():
            setattr(walk, name, value)
        with database.writing() as session:
            session.add(walk)

    return put


@pytest.fixture
def moved(database, settings, now):
    """A note that the sensor was moved so many days ago, written so many hours before now."""

    def note(days_ago=0, hours_ago=0):
        day = settings.today(now) - dt.timedelta(days=days_ago)
        at = now - dt.timedelta(hours=hours_ago)
        with database.writing() as session:
            session.add(
                DayNote(first=day, last=day, kind=NoteKind.SENSOR_MOVED, text="", written_at=at)
            )

    return note


@pytest.fixture
def found(database, settings, now):
    def ask(learnt=None, **by_hand):
        mine = settings.model_copy(update={"traffic": TrafficSettings(**by_hand)})
        with database.reading() as session:
            return thresholds.in_force(session, mine, settings.today(now), learnt)

    return ask


def values(found):
    return (found.inside_dbm, found.outside_dbm)


def test_without_anything_it_is_the_default(found):
    assert values(found()) == DEFAULT
    assert found().inside_from is found().outside_from is Origin.DEFAULT


def test_what_is_learnt_comes_before_the_default(found):
    assert values(found((-60, -80))) == (-60, -80)
    assert found((-60, -80)).inside_from is Origin.LEARNT


def test_a_walk_comes_before_what_is_learnt(found, walked):
    walked(-58, -79)

    assert values(found((-60, -80))) == (-58, -79)
    assert found().outside_from is Origin.WALK


def test_a_value_written_by_hand_comes_before_a_walk_and_only_for_itself(found, walked):
    walked(-58, -79)

    mixed = found(inside_dbm=-65)

    assert values(mixed) == (-65, -79)
    assert (mixed.inside_from, mixed.outside_from) == (Origin.FILE, Origin.WALK)


def test_the_newest_accepted_walk_holds(found, walked):
    walked(-58, -79, days_ago=3)
    walked(-61, -82, days_ago=1)

    assert values(found()) == (-61, -82)


def test_a_walk_that_was_not_accepted_or_was_withdrawn_does_not(found, walked, now):
    walked(-58, -79, days_ago=3)
    walked(-61, -82, withdrawn_at=now)
    walked(-40, -50, accepted_at=None)

    assert values(found()) == (-58, -79)


def test_a_walk_from_before_the_sensor_was_moved_gives_way_to_what_is_learnt(found, walked, moved):
    walked(-50, -79, days_ago=3)
    moved(days_ago=1)

    assert values(found((-63, -95))) == (-63, -95)
    assert found().ended_by is not None
    assert found().holding is None


@pytest.mark.parametrize(
    ("moved_days_ago", "written_hours_ago"),
    [
        pytest.param(1, 0, id="on a later day, though the note is newer"),
        pytest.param(0, 2, id="on the same day, after the note"),
        pytest.param(-2, 9, id="before a move to come"),
    ],
)
def test_a_walk_since_the_sensor_was_moved_holds(
    found, walked, moved, moved_days_ago, written_hours_ago
):
    walked(-58, -79)
    moved(moved_days_ago, written_hours_ago)

    assert values(found((-63, -95))) == (-58, -79)
    assert found().ended_by is None


def test_a_walk_earlier_on_the_day_than_the_note_does_not(found, walked, moved, now):
    earlier = now - dt.timedelta(hours=2)
    walked(-50, -79, begun_at=earlier, accepted_at=earlier)
    moved()

    assert values(found()) == DEFAULT


@pytest.mark.parametrize(
    ("by_hand", "expected"),
    [
        pytest.param({"inside_dbm": -84}, (-84, -85), id="inside by hand"),
        pytest.param({"outside_dbm": -68}, (-58, -68), id="in order"),
        pytest.param({"outside_dbm": -50, "inside_dbm": -40}, (-40, -50), id="both by hand"),
    ],
)
def test_thresholds_of_two_origins_never_cross(found, walked, by_hand, expected):
    walked(-58, -79)

    assert values(found(**by_hand)) == expected


def test_an_outer_threshold_by_hand_stays_though_the_inner_has_to_give_way(found, walked):
    walked(-68, -79)

    assert values(found(outside_dbm=-66)) == (-65, -66)


def test_the_rules_are_the_settings_with_the_thresholds_in_force(database, settings, walked, now):
    walked(-58, -79)

    with database.reading() as session:
        rules = thresholds.rules(session, settings, settings.today(now))

    assert rules == settings.traffic.model_copy(update={"inside_dbm": -58, "outside_dbm": -79})


def test_the_hash_of_the_rules_tells_how_devices_are_made_and_nothing_else(settings):
    def of(**changed):
        traffic = settings.traffic.model_copy(update=changed)
        return thresholds.rules_hash(settings.model_copy(update={"traffic": traffic}))

    assert of() == of(inside_dbm=-50, suppress_below=7)
    assert len({of(), of(visitor_after_s=240), of(visit_gap_s=600)}) == 3


def test_the_running_day_is_counted_with_them_from_the_next_count_on(
    database, settings, now, shop_day, walked
):
    day = settings.today(now)
    shop_day(day)
    before = rollup.roll_up(database, settings, day, now)

    walked(-45, -90)

    assert before.visitors > 0
    assert rollup.roll_up(database, settings, day, now).visitors == 0

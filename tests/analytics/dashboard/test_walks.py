"""The guided walk: station after station, then thresholds that hold."""

import datetime as dt

import pytest

from analytics.calibration import thresholds
from analytics.calibration.stations import Trouble
from analytics.dashboard import walks
from core import sightings
from core.models.day_note import DayNote, NoteKind
from core.models.walk import Station, WalkStation

LEVELS = {Station.PAVEMENT: -80, Station.DOOR: -58, Station.BACK: -66}
LASTS = dt.timedelta(seconds=walks.LEAD_S + 60)


@pytest.fixture
def send(settings):
    """Puts a minute of a phone whose settings are open into the day file."""

    def put(begin_at, dbm, phone=7):
        file = sightings.DayFile(settings.sightings_dir, settings.today(begin_at))
        for number in range(7):
            at = begin_at + dt.timedelta(seconds=9 * number)
            us = int(at.timestamp() * 1e6)
            file.append([sightings.Sighting(us, us % 997, phone, True, dbm, 2437, "s")], {})
        file.close()

    return put


@pytest.fixture
def stand(database, settings, clock, send):
    """Goes through one station, with the phone heard at its level (or not at all)."""

    def through(number, station, dbm=None):
        assert walks.begin_station(database, settings, number, station, clock.now)
        if dbm is not None:
            send(clock.now + dt.timedelta(seconds=walks.LEAD_S), dbm)
        clock.now += LASTS

    return through


@pytest.fixture
def walk(database, clock, stand):
    """A whole walk, to be accepted."""

    def around(levels=LEVELS):
        number = walks.begin(database, "alice", clock.now)
        for station in Station:
            stand(number, station, levels.get(station))
        return number

    return around


@pytest.fixture
def look(database, settings, clock):
    return lambda number: walks.progress(database, settings, number, clock.now)


@pytest.fixture
def accept(database, settings, clock):
    return lambda number: walks.accept(database, settings, number, clock.now)


@pytest.fixture
def in_force(database, settings, clock):
    def find():
        with database.reading() as session:
            found = thresholds.in_force(session, settings, settings.today(clock.now))
        return found.inside_dbm, found.outside_dbm

    return find


def test_it_goes_from_station_to_station(database, settings, clock, look, stand):
    number = walks.begin(database, "alice", clock.now)
    assert (look(number).following, look(number).running) == (Station.PAVEMENT, None)

    walks.begin_station(database, settings, number, Station.PAVEMENT, clock.now)
    assert look(number).is_leading_in
    clock.now += dt.timedelta(seconds=walks.LEAD_S + 20)
    assert (look(number).running, look(number).seconds_left) == (Station.PAVEMENT, 40)
    clock.now += dt.timedelta(seconds=40)

    assert (look(number).over, look(number).following) == ((Station.PAVEMENT,), Station.DOOR)


@pytest.mark.parametrize("station", [Station.DOOR, Station.OFF])
def test_a_station_out_of_turn_is_not_begun(database, settings, clock, station):
    number = walks.begin(database, "alice", clock.now)

    assert not walks.begin_station(database, settings, number, station, clock.now)


def test_the_signal_is_there_while_the_station_runs(database, settings, clock, look, send):
    number = walks.begin(database, "alice", clock.now)
    walks.begin_station(database, settings, number, Station.PAVEMENT, clock.now)
    send(clock.now + dt.timedelta(seconds=walks.LEAD_S), -80)
    clock.now += dt.timedelta(seconds=walks.LEAD_S + 28)

    assert look(number).live.slots == (-80, -80, -80)


def test_nobody_is_looked_for_while_wifi_is_off(database, settings, clock, look, stand):
    number = walks.begin(database, "alice", clock.now)
    for station, dbm in LEVELS.items():
        stand(number, station, dbm)
    walks.begin_station(database, settings, number, Station.OFF, clock.now)
    clock.now += dt.timedelta(seconds=walks.LEAD_S + 25)

    assert look(number).live is None


def test_an_accepted_walk_gives_the_thresholds_from_then_on(look, walk, in_force, accept):
    number = walk()
    proposed = look(number).proposal

    assert accept(number)

    assert in_force() == (proposed.inside_dbm, proposed.outside_dbm)
    assert -80 < proposed.inside_dbm < -66


def test_all_that_is_kept_are_levels(database, walk, accept):
    accept(walk())

    with database.reading() as session:
        rows = {row.station: row for row in session.query(WalkStation)}
    kept = {at: (row.median_dbm, row.low_dbm, row.high_dbm) for at, row in rows.items()}
    assert kept == {at: (dbm, dbm, dbm) for at, dbm in LEVELS.items()} | {
        Station.OFF: (None, None, None)
    }


def test_until_it_is_accepted_nothing_holds_and_nothing_is_kept(database, walk, in_force):
    walk()

    assert in_force() == (-65, -88)
    with database.reading() as session:
        assert [row.median_dbm for row in session.query(WalkStation)] == [None] * 4


def test_a_withdrawn_walk_holds_no_longer(database, clock, walk, in_force, accept):
    number = walk()
    accept(number)

    walks.withdraw(database, number, clock.now)

    assert in_force() == (-65, -88)


def test_a_station_that_heard_nothing_is_named_and_can_be_repeated(clock, look, stand, database):
    number = walks.begin(database, "alice", clock.now)
    stand(number, Station.PAVEMENT)
    assert look(number).recognised.trouble is Trouble.NOT_HEARD

    stand(number, Station.PAVEMENT, -80)

    assert look(number).recognised.levels[Station.PAVEMENT].median_dbm == -80


def test_an_unknown_phone_gives_no_thresholds(walk, accept):
    number = walk(LEVELS | {Station.OFF: -66})

    assert not accept(number)


def test_a_second_walk_is_taken_together_with_the_first(look, walk, in_force, accept):
    first = walk()
    accept(first)
    louder = walk({at: dbm + 10 for at, dbm in LEVELS.items()})

    found = look(louder)

    assert found.pooled == 2
    alone, _ = in_force()
    assert found.proposal.inside_dbm == pytest.approx(alone + 5, abs=1)


def test_walks_from_before_the_sensor_was_moved_are_left_aside(
    database, settings, clock, look, walk
):
    walks.accept(database, settings, walk(), clock.now)
    day = settings.today(clock.now)
    with database.writing() as session:
        kind = NoteKind.SENSOR_MOVED
        session.add(DayNote(first=day, last=day, kind=kind, text="", written_at=clock.now))
    clock.now += dt.timedelta(days=1)

    assert look(walk()).pooled == 1


def test_a_walk_left_for_an_hour_can_only_be_begun_anew(database, settings, clock, look, walk):
    number = walk()
    clock.now += walks.LASTS

    assert look(number).is_late
    assert not walks.accept(database, settings, number, clock.now)
    assert not walks.begin_station(database, settings, number, Station.OFF, clock.now)


def test_so_can_one_from_before_midnight(database, settings, clock, look):
    clock.now = clock.now.replace(hour=15, minute=55)  # 23:55 in Shanghai
    number = walks.begin(database, "alice", clock.now)
    clock.now += dt.timedelta(minutes=6)

    assert look(number).is_late

"""The pages of calibration: a walk, a count, a file, and who may do what."""

import datetime as dt
import io

import pytest

from analytics.dashboard import walks
from core import sightings
from core.models.audit_entry import AuditEntry
from core.models.counting_session import CountingSession
from core.models.day_note import DayNote, NoteKind
from core.models.traffic import TrafficDay
from core.models.user import Role
from core.models.walk import Station, Walk
from core.setting_groups.traffic import TrafficSettings

OURS = {"Origin": "http://localhost"}
LEVELS = {Station.PAVEMENT: -80, Station.DOOR: -58, Station.BACK: -66}
LOOK = 424_242
HEADER = "start,end,entered\n"
PAGE = "0123456789abcdef"


@pytest.fixture
def press(alice):
    """Sends a form, and follows to the page it leads to."""

    def send(path, browser=alice, **form):
        return browser.post(path, data=form, headers=OURS, follow_redirects=True)

    return send


@pytest.fixture
def go_around(settings, clock, press):
    """A walk in the browser; returns its last page and its address."""

    def walk(levels=LEVELS):
        page = press("/calibration/walk")
        address = page.request.path
        for station in Station:
            page = press(f"{address}/station", station=station.value)
            begin_at = clock.now + dt.timedelta(seconds=walks.LEAD_S)
            file = sightings.DayFile(settings.sightings_dir, settings.today(clock.now))
            for number in range(7 if station in levels else 0):
                us = int((begin_at + dt.timedelta(seconds=9 * number)).timestamp() * 1e6)
                one = sightings.Sighting(us, LOOK + number, LOOK, True, levels[station], 2437, "s")
                file.append([one], {})
            file.close()
            clock.now = begin_at + dt.timedelta(seconds=61)
        return address

    return walk


def test_a_store_that_has_measured_nothing_is_told_so(alice):
    page = alice.get("/calibration?lang=en").text

    assert "not yet measured in this store" in page
    assert "It takes at least 20 people counted" in page


def test_a_walk_ends_in_thresholds_that_are_in_force(alice, go_around, press):
    address = go_around()
    result = alice.get(f"{address}?lang=en").text
    assert "Proposed: a signal from" in result
    # What marks the phone is on no page.
    assert str(LOOK)[:4] not in result

    page = press(f"{address}/accept").text

    assert "a walk, accepted" in page


def test_that_a_walk_ended_with_a_move_of_the_sensor_is_said(
    alice, go_around, press, database, clock
):
    press(f"{go_around()}/accept")
    kind, today = NoteKind.SENSOR_MOVED, clock.now.date()
    with database.writing() as session:
        session.add(DayNote(first=today, last=today, kind=kind, text="", written_at=clock.now))

    page = alice.get("/calibration?lang=en").text

    assert "that walk holds no longer" in page
    assert "in force" not in page


def test_a_walk_that_knew_no_phone_says_what_to_do(alice, go_around, press):
    address = go_around({Station.PAVEMENT: -80})

    assert "Repeat this station" in alice.get(f"{address}?lang=en").text
    assert press(f"{address}/accept").status_code == 409


def test_what_the_days_show_stands_beside_what_a_walk_proposes(
    alice, database, traffic, today, go_around
):
    traffic(today)
    with database.writing() as session:
        day = session.get_one(TrafficDay, today)
        day.learnt_inside_dbm, day.learnt_outside_dbm = -66, -97

    page = alice.get(f"{go_around()}?lang=en").text

    assert "inside \u221266\u00a0dBm, too far \u221297\u00a0dBm" in page


def test_stations_that_are_too_much_alike_say_move_the_sensor(alice, go_around):
    address = go_around(dict.fromkeys(LEVELS, -60))

    assert "move the sensor" in alice.get(f"{address}?lang=en").text


def test_a_running_station_is_fetched_anew_without_a_script(alice, press):
    page = press("/calibration/walk")
    page = press(f"{page.request.path}/station", station="pavement")

    assert '<noscript><meta http-equiv="refresh"' in page.text


def test_that_the_file_comes_first_is_said_before_and_after(app, alice, go_around, press):
    parts = app.extensions["doorman_parts"]
    by_hand = parts.settings.model_copy(update={"traffic": TrafficSettings(inside_dbm=-60)})
    object.__setattr__(parts, "settings", by_hand)
    address = go_around()

    assert "traffic.inside_dbm" in alice.get(f"{address}?lang=en").text
    page = press(f"{address}/accept").text

    assert "the settings file (written by hand)" in page
    assert "a walk, accepted" in page


def test_in_strict_mode_there_is_no_walk(app, alice, press, database):
    parts = app.extensions["doorman_parts"]
    strict = parts.settings.sensor.model_copy(update={"strict": True})
    settings = parts.settings.model_copy(update={"sensor": strict})
    object.__setattr__(parts, "settings", settings)

    assert "In strict mode" in alice.get("/calibration?lang=en").text
    press("/calibration/walk")
    with database.reading() as session:
        assert session.query(Walk).count() == 0


def test_people_are_counted_by_pressing_a_button(database, press):
    page = press("/calibration/count", passed="yes")
    address = page.request.path
    for who, step in (("entered", 1), ("entered", 1), ("passed", 1), ("entered", -1)):
        page = press(f"{address}/add", who=who, step=step)

    press(f"{address}/stop")

    with database.reading() as session:
        (found,) = session.query(CountingSession)
    assert (found.entered, found.passed) == (1, 1)
    assert found.ended_at is not None


def test_the_script_is_told_what_it_has_come_to(alice, press):
    address = press("/calibration/count").request.path

    answer = alice.post(
        f"{address}/add",
        data={"who": "entered", "step": "7"},
        headers=OURS | {"Accept": "application/json"},
    )

    assert answer.json == {"entered": 7, "passed": None}


def test_a_tap_whose_answer_was_lost_is_counted_once_and_answered_again(alice, press):
    address = press("/calibration/count").request.path
    tap = {"who": "entered", "step": "1", "page": PAGE, "tap": "1"}
    headers = OURS | {"Accept": "application/json"}

    answers = [alice.post(f"{address}/add", data=tap, headers=headers) for _ in range(2)]

    assert [answer.json["entered"] for answer in answers] == [1, 1]


@pytest.mark.parametrize(
    ("page", "tap"), [("", "1"), ("x" * 16, "1"), (PAGE, "0"), (PAGE, "x"), (PAGE, "9" * 20)]
)
def test_a_tap_that_does_not_say_which_it_is_is_refused(press, page, tap):
    add = press("/calibration/count").request.path + "/add"

    assert press(add, who="entered", step="1", page=page, tap=tap).status_code == 400


def test_what_cannot_be_counted_is_refused(press):
    add = press("/calibration/count").request.path + "/add"

    assert press(add, who="staff", step="1").status_code == 400
    assert press(add, who="entered", step="x").status_code == 400
    assert press(add, who="passed", step="1").status_code == 409


def test_a_stopped_count_is_a_line_that_can_be_removed(database, press):
    address = press("/calibration/count").request.path
    page = press(f"{address}/stop")
    assert f"{address}/remove" in page.text

    press(f"{address}/remove")

    with database.reading() as session:
        assert session.query(CountingSession).count() == 0


def upload(press, text):
    return press("/calibration/file", file=(io.BytesIO(text.encode()), "counter.csv"))


def test_a_counters_file_is_loaded(press):
    page = upload(press, HEADER + "2026-05-15 10:00,2026-05-15 11:00,34\n")

    assert "2026‑05‑15 10:00" in page.text


def test_a_bad_line_of_it_is_named(alice, press):
    alice.get("/calibration?lang=en")

    page = upload(press, HEADER + "2026-05-15 10:00,2026-05-15 11:00,34\n2026-05-15,,\n")

    assert page.status_code == 422
    assert "Line 3:" in page.text


def test_a_count_of_long_ago_is_refused_and_the_page_goes_on(alice, press):
    alice.get("/calibration?lang=en")

    page = upload(press, HEADER + "0001-01-05 10:00,0001-01-05 11:00,34\n")

    assert "more than 730 days ago" in page.text
    assert alice.get("/calibration").status_code == 200


def test_a_year_of_hours_is_no_file_too_large(press):
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    hours = (start + dt.timedelta(hours=number) for number in range(2500))
    lines = (f"{at:%Y-%m-%d %H:%M},{at + dt.timedelta(hours=1):%Y-%m-%d %H:%M},5" for at in hours)

    assert upload(press, HEADER + "\n".join(lines)).status_code == 200


@pytest.mark.parametrize(("role", "status"), [(Role.IT, 200), (Role.MARKETER, 403)])
def test_calibration_is_for_those_who_run_the_store_and_its_network(hired, press, role, status):
    browser = hired(role)

    assert browser.get("/calibration").status_code == status
    assert press("/calibration/walk", browser).status_code == status


def test_what_is_changed_is_in_the_audit_log_and_counting_once(database, go_around, press):
    press(f"{go_around()}/accept")
    address = press("/calibration/count").request.path
    for _ in range(5):
        press(f"{address}/add", who="entered", step=1)

    with database.reading() as session:
        actions = [entry.action for entry in session.query(AuditEntry)]
    assert actions.count("walks.accept") == actions.count("counting.add") == 1
    assert actions.count("walks.station") == len(Station)


def test_what_is_not_there_is_not_there(alice):
    assert alice.get("/calibration/walk/99").status_code == 404
    assert alice.get("/calibration/count/99").status_code == 404

import datetime as dt

import pytest

from core import outbox, sensor_status, sightings
from core.models.identity import IdentityKind
from core.models.opt_out import OptOut
from core.models.outbox_event import OutboxEvent, OutboxState
from core.sensor_status import Hearing, SensorStatus, State

PHONE = "+8613800138000"


def test_no_page_holds_a_whole_phone_number(app, alice, enrol, traffic, today):
    enrol(PHONE)
    traffic(today)

    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    for address in set(pages) - {"/static/<path:filename>"}:
        # Some are files and no text.
        found = alice.get(address).data
        assert b"13800138000" not in found
        assert b"1380013" not in found
    assert "138****8000" in alice.get("/members").text


def test_members_come_newest_first_with_what_they_agree_to_now(alice, enrol, clock):
    enrol("+8613800138001", clock.now - dt.timedelta(days=2))
    enrol("+8613800138002", clock.now - dt.timedelta(days=1))

    page = alice.get("/members?lang=en").text

    assert "2 members" in page
    assert page.index("8002") < page.index("8001")
    assert ">Terms<" in page
    assert ">Offers<" not in page


@pytest.mark.parametrize(
    ("asked", "shown"), [("1", 1), ("2", 2), ("99", 2), ("0", 1), ("-3", 1), ("x", 1)]
)
def test_members_are_shown_fifty_at_a_time(alice, enrol, asked, shown):
    for number in range(51):
        enrol(f"+86138001380{number:02}")

    page = alice.get(f"/members?page={asked}&lang=en").text

    assert f"Page {shown} of 2" in page
    assert page.count("138****") == (50 if shown == 1 else 1)


def test_a_number_sealed_with_a_lost_key_does_not_break_the_page(alice, enrol, database):
    enrol()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE identities SET sealed_value = x'00'")

    response = alice.get("/members?lang=en")

    assert response.status_code == 200
    assert "does not open" in response.text


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        pytest.param(IdentityKind.PHONE, PHONE, "138****8000", id="number"),
        pytest.param(IdentityKind.EMAIL, "mei@example.com", "m***@example.com", id="mail"),
        pytest.param(IdentityKind.OPENID, "wx1:oABCDEFGH", "WeChat ****EFGH", id="wechat"),
    ],
)
def test_a_member_is_shown_by_what_they_are_known_by(alice, enrol, kind, value, shown):
    enrol(value, kind=kind)

    page = alice.get("/members?lang=en").text

    assert shown in page
    assert value not in page


def test_status_of_a_sensor_that_hears(alice, hear, clock):
    hear(clock.now - dt.timedelta(minutes=2), {"frames": 1234, "rejected.other_type": 56})

    page = alice.get("/status?lang=en").text

    assert "Hears phones" in page
    assert "2 min ago" in page


def test_status_of_a_sensor_that_went_silent(alice, hear, clock):
    hear(clock.now - dt.timedelta(minutes=16), {})

    assert "Silent" in alice.get("/status?lang=en").text


@pytest.fixture
def tell(hear, settings, clock):
    """Puts down what the sensor last told of its radio, and when a phone was last heard."""

    def tell(state, told_before_min, heard_before_min):
        hear(clock.now - dt.timedelta(minutes=heard_before_min), {})
        told_at = clock.now - dt.timedelta(minutes=told_before_min)
        status = SensorStatus(told_at, {"mon0": Hearing(State(state), told_at)})
        sensor_status.write(settings.data_dir, status)

    return tell


@pytest.mark.parametrize(
    ("told", "says"),
    [
        pytest.param(("hearing", 1, 2), "Hears phones", id="well"),
        pytest.param(("hearing", 1, 16), "nobody may be near", id="quiet"),
        pytest.param(("gone", 1, 2), "Not available", id="pulled-out"),
        pytest.param(("silent", 1, 2), "Deaf", id="stuck"),
        pytest.param(("hearing", 3, 2), "no longer runs", id="stopped"),
    ],
)
def test_status_of_a_sensor_and_its_radios(alice, tell, told, says):
    tell(*told)

    page = alice.get("/sensor?lang=en").text

    assert says in page
    assert "mon0" in page


def test_status_of_a_sensor_in_strict_mode(alice, settings, today, clock):
    start_us = int((clock.now - dt.timedelta(minutes=6)).timestamp()) * 1_000_000
    file = sightings.DayFile(settings.sightings_dir, today)
    file.append((), {}, [sightings.WindowCount(start_us, 3, 1)])
    file.close()

    assert "Hears phones" in alice.get("/status?lang=en").text


@pytest.mark.parametrize(("broken", "says"), [(False, "No sensor"), (True, "Silent")])
def test_status_of_a_sensor_nobody_heard_of_today(alice, settings, today, broken, says):
    if broken:
        settings.sightings_dir.mkdir(parents=True)
        sightings.path_of(settings.sightings_dir, today).write_text("not a database" * 100)

    page = alice.get("/status?lang=en").text

    assert "none today" in page
    assert says in page


def test_status_of_the_outbox(alice, database, sealer, clock):
    with database.writing() as session:
        for day, minutes in (("2026-05-13", 40), ("2026-05-14", 20), ("2026-05-15", 1)):
            outbox.add(
                session,
                sealer,
                outbox.EventType.TRAFFIC_DAY,
                subject=day,
                data={},
                now=clock.now - dt.timedelta(minutes=minutes),
            )
        session.flush()
        session.get(OutboxEvent, 1).state = OutboxState.PARKED

    page = alice.get("/status?lang=en").text

    assert "<dd>2</dd>" in page
    assert "20 min ago" in page
    assert "40 min ago" not in page
    assert "No CRM set up" in page


def test_the_figures_page_states_the_thresholds_in_force(alice, settings):
    page = alice.get("/figures?lang=en").text

    assert f"{settings.traffic.inside_dbm} dBm" in page
    assert "for 5 minutes or more" in page


def test_every_explanation_linked_from_a_card_exists(alice, traffic, today):
    traffic(today)

    page, explained = alice.get("/").text, alice.get("/figures").text

    for name in ("inside", "visitors", "passers_by", "entry_rate", "dwell_median"):
        assert f"/figures#{name}" in page
        assert f'id="{name}"' in explained


@pytest.mark.parametrize(("phones", "shown"), [(4, "not shown"), (5, "5")])
def test_how_many_are_left_out_is_shown_if_they_are_not_few(alice, database, clock, phones, shown):
    with database.writing() as session:
        for number in range(phones):
            until = clock.now + dt.timedelta(days=1)
            session.add(OptOut(entry=bytes([number]) * 16, until=until))
        session.add(OptOut(entry=bytes([99]) * 16, until=clock.now - dt.timedelta(days=1)))

    page = alice.get("/status?lang=en").text

    assert f"<dt>Phones left out on request</dt>\n      <dd>{shown}</dd>" in page

"""The law's log in the dashboard: how it stands, and exports that a second person agrees to."""

import csv
import dataclasses
import io
import json

import pytest
import sqlalchemy as sa

from access_log import place, verified
from access_log.place import Place
from access_log.verified import Result
from analytics.dashboard import application
from analytics.dashboard.site import PARTS
from core import access_records
from core.access_records import Draft
from core.mac import Mac
from core.models.access_record import BODY, AccessRecord, Kind
from core.models.audit_entry import AuditEntry
from core.models.grant import Grant
from core.models.user import Role
from core.session_records import granted
from tests import running_grant
from tests.analytics.dashboard.conftest import signed_in, staff

HERE = {"Origin": "http://localhost"}
ALICE_MAC = Mac.parse("02:00:00:00:00:0a")
PLACE = Place("store-1", "31010412345678", "", "Shop", "Asia/Shanghai", "00:00", ["203.0.113.5"])
FORM = {
    "officer": "Officer Wang 12345",
    "reason": "File 7",
    "since": "2026-05-16T14:00",
    "until": "2026-05-16T15:00",
}


@pytest.fixture
def online(database, sealer, now):
    """A shopper went online in Shanghai's afternoon."""
    place.tell(database, sealer, PLACE, now)
    number = running_grant.give(database, sealer, ALICE_MAC, now, phone="+8613800138000")
    with database.writing() as session:
        granted(session, sealer, session.get_one(Grant, number), now)


@pytest.fixture
def officers(app, database, clock, online):
    """Two privacy officers, where four eyes are set."""
    parts = app.extensions[PARTS]
    rules = parts.settings.access_log.model_copy(update={"four_eyes": True})
    settings = parts.settings.model_copy(update={"access_log": rules})
    with database.writing() as session:
        session.add_all(staff(name, Role.PRIVACY, clock.now) for name in ("diana", "erik"))
    careful = application.create_app(dataclasses.replace(parts, settings=settings))
    return signed_in(careful, "diana"), signed_in(careful, "erik")


def do(client, what, number=1, **data):
    return client.post(f"/access-log/requests/{number}/{what}", data=data, headers=HERE)


def ask(client, **more):
    return client.post("/access-log/requests", data=FORM | more, headers=HERE)


def reads(database, sealer):
    wanted = sa.select(AccessRecord.sealed_body).where(AccessRecord.kind == Kind.READ)
    with database.reading() as session:
        rows = session.scalars(wanted.order_by(AccessRecord.number)).all()
    return [json.loads(sealer.open(BODY, each)) for each in rows]


def test_one_asks_another_agrees_and_whoever_asked_takes_it_along(officers, database, sealer):
    diana, erik = officers
    assert ask(diana, phone="13800138000").status_code == 303
    assert do(diana, "file").status_code == 409
    assert do(diana, "approve").status_code == 409
    shown = erik.get("/access-log?lang=en").text
    assert "Officer Wang 12345" in shown
    assert "138****8000" in shown
    assert "13800138000" not in shown

    assert do(erik, "approve").status_code == 303
    assert do(erik, "file").status_code == 409
    given = do(diana, "file")

    assert given.headers["Content-Disposition"] == 'attachment; filename="access-log-1.csv"'
    [line] = csv.DictReader(io.StringIO(given.text.lstrip("\ufeff")))
    assert (line["account"], line["mac"]) == ("+8613800138000", ALICE_MAC.text())
    steps = [(each["what"], each["who"]) for each in reads(database, sealer)]
    assert steps == [("asked", "diana"), ("approved", "erik"), ("export", "diana")]


def test_what_was_refused_is_not_given_out(officers):
    diana, erik = officers
    ask(diana)
    do(erik, "refuse")

    assert do(diana, "file").status_code == 409
    assert do(erik, "approve").status_code == 409
    assert "refused" in diana.get("/access-log?lang=en").text


@pytest.mark.usefixtures("online")
def test_one_person_is_looked_for_over_half_a_year(hired):
    client = hired(Role.PRIVACY)
    assert ask(client, until="2026-11-16T14:00", mac=ALICE_MAC.text()).status_code == 303

    assert ALICE_MAC.text() in do(client, "file").text


@pytest.mark.usefixtures("online")
def test_without_four_eyes_it_is_given_out_at_once(hired, database, sealer):
    client = hired(Role.PRIVACY)
    ask(client)
    given = json.loads(do(client, "file", format="json").text)

    assert [each["account"] for each in given["sessions"]] == [["+8613800138000"]]
    assert given["officer"] == "Officer Wang 12345"
    last = reads(database, sealer)[-1]
    assert (last["what"], last["officer"], last["reason"]) == (
        "export",
        "Officer Wang 12345",
        "File 7",
    )


def test_the_audit_log_says_who_did_what_and_nothing_personal(officers, database):
    diana, erik = officers
    ask(diana, phone="13800138000")
    do(erik, "approve")
    do(diana, "file")

    with database.reading() as session:
        entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
        stored = str(session.execute(sa.select(AuditEntry.__table__)).all())
    assert [(each.user_name, each.action, each.number) for each in entries] == [
        ("diana", "access_log.ask", None),
        ("erik", "access_log.approve", 1),
        ("diana", "access_log.file", 1),
    ]
    assert "Wang" not in stored
    assert "138001" not in stored


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"officer": " "}, "officer"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"since": ""}, "since"),
        ({"until": "tomorrow"}, "until"),
        ({"until": "2026-05-16T13:59"}, "until"),
        ({"until": "2026-05-23T14:01"}, "until"),
        ({"until": "2027-06-21T14:00", "phone": "13800138000"}, "until"),
        ({"phone": "12"}, "phone"),
        ({"mac": "x"}, "mac"),
        ({"public": "203.0.113.5"}, "public_port"),
        ({"public": "x", "public_port": "1"}, "public"),
        ({"public": "203.0.113.5", "public_port": "65536"}, "public_port"),
        ({"public": "203.0.113.5", "public_port": "1", "mac": ALICE_MAC.text()}, "mac"),
    ],
)
def test_what_is_not_clear_is_not_asked_for(hired, database, sealer, typed, fault):
    answer = ask(hired(Role.PRIVACY), **typed)

    assert answer.status_code == 422
    assert f'id="{fault}-fault"' in answer.text
    assert reads(database, sealer) == []


def test_a_flow_log_that_does_not_open_is_said(hired):
    client = hired(Role.PRIVACY)
    ask(client, public="203.0.113.5", public_port="5000")

    answer = do(client, "file")
    assert answer.status_code == 409
    assert "doorman access-log export" in answer.text


@pytest.mark.usefixtures("online")
def test_the_page_says_how_the_log_stands(hired, settings, database, sealer, clock):
    client = hired(Role.PRIVACY)
    page = client.get("/access-log?lang=en").text
    assert "2026-05-16" in page
    assert page.count("Never") == 2

    settings.data_dir.mkdir(exist_ok=True)
    verified.write(settings.data_dir, verified.ACCESS_LOG, Result(clock.now, "", 2, "2:aa"))
    with database.writing() as session:
        said = Draft(Kind.CLOCK, clock.now, {"state": "off", "off_s": 7.0})
        access_records.note(session, sealer, said)
    page = client.get("/access-log?lang=en").text
    assert "whole" in page
    assert "Off: times are wrong" in page


def test_nobody_has_it_but_who_answers_the_police(hired):
    for role in set(Role) - {Role.PRIVACY}:
        client = hired(role)
        assert client.get("/access-log").status_code == 403
        assert ask(client).status_code == 403

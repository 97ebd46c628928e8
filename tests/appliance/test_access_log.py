import csv
import datetime as dt
import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from access_log import anchoring, place
from access_log.flows import key_file
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from access_log.place import Place
from access_log.requests import Desk, SamePersonError
from appliance.access_log import access_log
from core import access_records, chain, clock, revocation, secret_file, settings
from core.access_records import Draft
from core.database import Database
from core.mac import Mac
from core.models.access_record import AccessDay, AccessRecord, Kind
from core.models.every import metadata
from core.models.grant import EndCause, Grant
from core.session_records import Change, changed, granted
from tests import running_grant
from tests.connections import SHOP, rows_of, told

ALICE = Mac.parse("02:00:00:00:00:0a")
BOB = Mac.parse("00:00:5e:00:53:0b")
PLACE = Place("store-1", "31010412345678", "", "Shop", "Asia/Shanghai", "00:00", ["203.0.113.5"])
SPAN = ("--since", "2026-05-16 14:00", "--until", "2026-05-16 15:00")
ASKED = ("--officer", "A. Wong 12345", "--reason", "file 7")


class NoGate:
    def revoke(self, mac):
        pass


@pytest.fixture
def box(tmp_path, monkeypatch, now):
    """Alice and Bob go online, Alice goes; both in Shanghai's afternoon."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    secret_file.load_or_create(tmp_path)
    sealer = secret_file.open_sealer(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    place.tell(database, sealer, PLACE, now)
    for mac, phone in ((ALICE, "+8613800138000"), (BOB, "+8613900139000")):
        number = running_grant.give(database, sealer, mac, now, phone=phone, bytes_up=7)
        with database.writing() as session:
            grant = session.get_one(Grant, number)
            granted(session, sealer, grant, now)
            found = ["10.0.0.7", "2001:db8::7"]
            options = {"addresses": found, "point": ("wlan0", "02:00:00:00:00:01")}
            changed(session, sealer, grant, Change.ADDRESS, now, **options)
    revocation.revoke(database, sealer, NoGate(), ALICE, cause=EndCause.LOGGED_OUT, now=now)
    yield database
    database.dispose()


def run(*arguments):
    return CliRunner().invoke(access_log, list(arguments))


def sessions(*asked):
    answer = run("export", *ASKED, *asked, "--format", "json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)["sessions"]


def test_a_whole_log_is_said_to_be_and_one_that_is_not_gives_the_row(box):
    assert run("verify").output.startswith("whole: 6 rows\nhead 6:")

    with box.writing() as session:
        session.execute(sa.delete(AccessRecord).where(AccessRecord.number == 3))
    answer = run("verify")
    assert answer.exit_code == 1
    assert "row 3 (2026-05-16): missing" in answer.output


def test_the_head_is_an_anchor_to_be_verified_against(box):
    head = run("head").output.strip()
    assert run("verify", "--anchor", head).exit_code == 0

    other = head[:-1] + ("0" if head[-1] != "0" else "1")
    assert "not as anchored" in run("verify", "--anchor", other).output
    assert run("verify", "--anchor", "6:12").exit_code == 2


@pytest.mark.usefixtures("box")
def test_a_session_has_every_field_that_an_inspector_asks_for():
    found = sessions(*SPAN, "--phone", "13800138000")

    assert len(found) == 1
    assert found[0].pop("session")
    assert found[0] == {
        "store": "store-1",
        "venue_code": "31010412345678",
        "gateway_id": "",
        "network": "Shop",
        "mac": ALICE.text(),
        "mac_is_random": True,
        "way": "sms",
        "auth_level": "phone",
        "account_kind": "phone",
        "account": ["+8613800138000"],
        "keys": {},
        "proven_at": "2026-05-16T06:30:00+00:00",
        "lan_ipv4": ["10.0.0.7"],
        "lan_ipv6": ["2001:db8::7"],
        "public_addresses": ["203.0.113.5"],
        "port": ["wlan0"],
        "access_point": ["02:00:00:00:00:01"],
        "start": "2026-05-16T06:30:00+00:00",
        "end": "2026-05-16T06:30:00+00:00",
        "cause": "logged_out",
        "bytes_up": 7,
        "bytes_down": 0,
        "temporary_pass": "",
        "records": [2, 3, 6],
    }


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize(
    ("asked", "macs"),
    [
        pytest.param(SPAN, {ALICE, BOB}, id="span"),
        pytest.param(("--at", "2026-05-16 18:00"), {BOB}, id="who-runs-on"),
        pytest.param(("--at", "2026-05-16 14:29"), set(), id="before"),
        pytest.param(("--at", "2026-05-16 18:31"), set(), id="after-its-time"),
        pytest.param((*SPAN, "--mac", BOB.text()), {BOB}, id="mac"),
        pytest.param((*SPAN, "--phone", "13900139000"), {BOB}, id="phone"),
        pytest.param((*SPAN, "--session", "none"), set(), id="session"),
    ],
)
def test_what_is_asked_for_is_found_and_nothing_else(asked, macs):
    assert {each["mac"] for each in sessions(*asked)} == {mac.text() for mac in macs}


def test_who_exports_for_whom_and_why_is_written_down_before(box, tmp_path):
    sessions(*SPAN, "--phone", "13800138000")

    with box.reading() as session:
        last = session.scalars(
            sa.select(AccessRecord).order_by(AccessRecord.number.desc()).limit(1)
        ).one()
    sealer = secret_file.open_sealer(box_folder(box))
    body = json.loads(sealer.open("access_records.sealed_body", last.sealed_body))
    assert last.kind is Kind.READ
    assert (body["officer"], body["reason"]) == ("A. Wong 12345", "file 7")
    assert body["asked"]["phone"] == "+8613800138000"
    assert body["who"].startswith("system:")


def box_folder(database):
    return secret_file.Path(str(database.engine.url.database)).parent


def test_whose_a_connection_was_is_found_by_what_the_internet_saw(box, now):
    found = settings.load()
    keys = key_file.load_or_create(found.flows_key, has_log=False)
    with Journal(found.flows_dir, keys, Bounds(190, 1 << 30), now) as journal:
        now_ms = int(now.timestamp() * 1000)
        rows, _ = rows_of(told(public_port=5000), now_ms=now_ms, phone=BOB.octets)
        journal.append(rows.tobytes(), 0, now)
    asked = ("export", *ASKED, "--at", "2026-05-16 14:30:00", "--public", SHOP, "--public-port")

    told_of = CliRunner().invoke(access_log, [*asked, "5000"])
    lines = list(csv.DictReader(told_of.stdout.splitlines()))
    assert [line["account"] for line in lines] == ["+8613900139000"]
    assert told_of.stderr == "1 connections of 1 phones in the flow log\n"
    assert CliRunner().invoke(access_log, [*asked, "5001"]).stdout.count("\n") == 1


@pytest.mark.usefixtures("box")
def test_nothing_is_exported_without_officer_reason_and_time():
    assert run("export", *SPAN, "--officer", "A").exit_code == 2
    assert run("export", *SPAN, "--reason", "b").exit_code == 2
    assert run("export", *ASKED).exit_code == 2
    assert run("export", *ASKED, "--since", SPAN[3], "--until", SPAN[1]).exit_code == 2


def test_with_four_eyes_the_command_waits_for_somebody_else(box, tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_ACCESS_LOG__FOUR_EYES", "true")
    monkeypatch.setenv("SUDO_USER", "alice")
    asked = CliRunner().invoke(access_log, ["export", *ASKED, *SPAN])
    assert (asked.exit_code, asked.stdout) == (3, "")
    assert "doorman access-log export --request 1" in asked.stderr

    early = run("export", "--request", "1")
    assert early.exit_code == 1
    assert "nobody else has agreed" in early.output

    desk = Desk(box, secret_file.open_sealer(tmp_path), four_eyes=True, lifetime=dt.timedelta(1))
    with pytest.raises(SamePersonError):
        desk.decide(1, "alice", clock.now(), approve=True)
    desk.decide(1, "bob", clock.now(), approve=True)
    lines = list(csv.DictReader(run("export", "--request", "1").output.splitlines()))
    assert [line["account"] for line in lines] == ["+8613800138000", "+8613900139000"]
    monkeypatch.setenv("SUDO_USER", "charlie")
    assert run("export", "--request", "1").exit_code == 1


@pytest.mark.usefixtures("box")
def test_a_table_has_one_line_a_session():
    lines = list(csv.DictReader(run("export", *ASKED, *SPAN).output.splitlines()))

    assert [line["account"] for line in lines] == ["+8613800138000", "+8613900139000"]
    assert lines[0]["records"] == "2 3 6"


@pytest.mark.usefixtures("box")
def test_rows_that_were_exported_follow_each_other_for_whoever_reads_them():
    output = run("export", *ASKED, *SPAN, "--format", "records").output
    rows = [json.loads(line) for line in output.splitlines()]

    before = chain.FIRST
    for row in rows:
        before = chain.link(before, row["row"])
        assert row["hash"] == before.hex()
    assert len(rows) == 6
    assert run("export", *ASKED, *SPAN, "--format", "records", "--mac", "x").exit_code == 2


def test_an_anchor_is_due_once_a_day_has_ended(box, tmp_path, now):
    sealer = secret_file.open_sealer(tmp_path)
    assert anchoring.due(box) is None

    tomorrow = now.replace(day=17)
    assert place.tell(box, sealer, PLACE, tomorrow)
    assert not place.tell(box, sealer, PLACE, tomorrow)
    due = anchoring.due(box)
    assert due.number == 7
    assert run("status").output.endswith("never anchored\n")
    anchoring.kept(box, sealer, due, "journal", tomorrow)
    assert run("status").output == (
        "kept from 2026-05-16 on: 8 rows, the last is 8\n"
        "days deleted: 0; 190 days are kept\n"
        "anchored to the end of 2026-05-16: journal\n"
    )

    assert anchoring.due(box) is None
    with box.reading() as session:
        assert session.scalars(sa.select(AccessDay.anchored_where)).all() == ["journal"]
    assert run("verify", "--anchor", str(due)).exit_code == 0


def test_another_address_of_the_box_holds_for_what_runs_from_then_on(box, tmp_path, now):
    sealer = secret_file.open_sealer(tmp_path)
    moved = Place("store-1", "", "", "Shop", "Asia/Shanghai", "00:00", ["198.51.100.9"])
    assert place.tell(box, sealer, moved, now)
    with box.writing() as session:
        access_records.note(session, sealer, Draft(Kind.CLOCK, now, {}))

    public = {each["mac"]: each["public_addresses"] for each in sessions(*SPAN)}
    assert public == {
        ALICE.text(): ["203.0.113.5"],
        BOB.text(): ["203.0.113.5", "198.51.100.9"],
    }

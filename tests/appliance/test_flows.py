"""`doorman flows` with a command: what is kept is looked into, and every look is written down."""

import csv
import io
import json
import subprocess
import sys
import types

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from access_log import anchoring, place
from access_log.flows import files, key_file
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from access_log.place import Place
from appliance import access_log_jobs, cli
from core import database as databases
from core import secret_file, settings
from core.mac import Mac
from core.models.access_record import BODY, AccessRecord, Kind
from core.models.every import metadata
from tests import tables
from tests.connections import PHONE, SHOP, rows_of, told

MAC = Mac.parse("02:00:00:00:00:01")
AT = ("--at", "2026-05-16T14:30:00+08:00")
PLACE = Place("store-7", "", "", "Shop", "Asia/Shanghai", "00:00", ["203.0.113.5"])
WHY = ("--reason", "case 7", "--officer", "Wang")


@pytest.fixture
def found(tmp_path, monkeypatch, now):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "data"))
    found = settings.load()
    keys = key_file.load_or_create(found.flows_key, has_log=False)
    with Journal(found.flows_dir, keys, Bounds(190, 1 << 30), now) as journal:
        messages = (told(public_port=5000), told(port=7))
        rows, _ = rows_of(*messages, now_ms=int(now.timestamp() * 1000), phone=MAC.octets)
        journal.append(rows.tobytes(), 0, now)
    return found


def run(*words):
    return CliRunner().invoke(cli.doorman, ["flows", *words])


def reads(found):
    database = databases.open_database(found)
    sealer = secret_file.open_sealer(found.data_dir)
    with database.reading() as session:
        rows = session.scalars(sa.select(AccessRecord).where(AccessRecord.kind == Kind.READ)).all()
        bodies = [json.loads(sealer.open(BODY, row.sealed_body)) for row in rows]
    database.dispose()
    return bodies


@pytest.fixture
def migrated(found):
    tables.sqlite(found.data_dir / "doorman.sqlite", metadata).dispose()
    return found


def test_a_search_prints_what_was_found_and_is_written_down(migrated):
    result = run("search", *AT, "--public", SHOP, "--public-port", "5000", *WHY)

    assert result.exit_code == 0, result.output
    [row] = csv.DictReader(io.StringIO(result.output))
    assert (row["source"], row["mac"], row["ended_at"]) == (PHONE, MAC.text(), "")
    [body] = reads(migrated)
    assert (body["reason"], body["officer"], body["what"]) == ("case 7", "Wang", "flows")
    assert body["asked"]["public_port"] == 5000


def test_a_search_may_print_json(migrated):
    result = run("search", *AT, "--mac", MAC.text(), "--format", "json", *WHY)

    assert {row["source_port"] for row in json.loads(result.output)} == {7, 40_000}


def test_nothing_is_shown_if_it_cannot_be_written_down(found):
    result = run("search", *AT, *WHY)

    assert result.exit_code == 1
    assert PHONE not in result.output
    assert "doorman migrate" in result.output


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="no-time"),
        pytest.param([*AT, "--since", "2026-05-16T00:00:00Z"], id="two-times"),
        pytest.param(["--since", "2026-05-16T00:00:00Z"], id="half-a-span"),
        pytest.param(["--at", "2026-05-16T14:30:00"], id="no-zone"),
        pytest.param(["--at", "noon"], id="no-moment"),
        pytest.param([*AT, "--public", "shop"], id="no-address"),
        pytest.param([*AT, "--mac", "shop"], id="no-hardware-address"),
    ],
)
def test_a_question_that_makes_no_sense_is_not_asked(migrated, words):
    assert run("search", *words, *WHY).exit_code == 2
    assert reads(migrated) == []


def test_a_reason_is_asked_for(migrated):
    assert run("search", *AT).exit_code == 2


def test_the_log_is_checked_against_what_was_noted(found):
    noted = run("head").output.strip().replace(" ", ":")
    assert run("verify", "--known", noted).exit_code == 0

    [hour_file] = files.listed(found.flows_dir)
    content = hour_file.path.read_bytes()
    hour_file.path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    result = run("verify", "--known", noted)
    assert result.exit_code == 1
    assert "BAD block 2 was changed" in result.output
    assert run("verify", "--known", "nonsense").exit_code == 2


def test_status_says_since_when(found):
    assert "since 2026-05-16 06:00 UTC, 1 files" in run("status").output


def test_what_keeps_the_log_loads_no_more_than_it_needs():
    code = "import sys, access_log.flows.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd="/", capture_output=True, text=True, check=True
    )

    # For months, on a box of 1 GiB.
    heavy = {"numpy", "pydantic", "click", "sqlalchemy", "flask", "core.secret_file"}
    assert heavy.isdisjoint(done.stdout.split())


def test_a_key_that_is_gone_is_not_made_anew(found):
    found.flows_key.unlink()

    result = run("verify")
    assert result.exit_code == 1
    assert "restore it" in result.output
    with pytest.raises(key_file.FlowKeyError, match="gone"):
        key_file.load_or_create(found.flows_key, has_log=True)


def test_a_key_that_others_may_read_is_not_taken(found):
    found.flows_key.chmod(0o640)

    assert "chmod 600" in run("verify").output


def test_where_the_log_stood_is_in_the_access_log_and_compared(migrated, now):
    database = databases.open_database(migrated)
    sealer = secret_file.open_sealer(migrated.data_dir)
    place.tell(database, sealer, PLACE, now)
    place.tell(database, sealer, PLACE, now.replace(day=17))
    parts = types.SimpleNamespace(
        settings=migrated, database=database, sealer=sealer, headquarters=None
    )
    [anchor] = [each[2] for each in access_log_jobs.turns() if each[0] == "anchor the access log"]
    for _ in range(2):
        anchor(parts)
    assert anchoring.written_down(database, sealer, "flows") == [
        anchoring.Anchor(*files.head(migrated.flows_dir))
    ]
    database.dispose()
    assert "compared with 1 places" in run("verify").output

    [path] = migrated.flows_dir.glob("*.flows")
    path.unlink()
    keys = key_file.load(migrated.flows_key)
    with Journal(migrated.flows_dir, keys, Bounds(190, 1 << 30), now) as journal:
        journal.append(rows_of(told())[0].tobytes(), 0, now)
    answer = run("verify")
    assert answer.exit_code == 1
    assert "block 2 is not the one that was noted elsewhere" in answer.output

"""`doorman audit`, and what the jobs do so that it can tell."""

import types

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from access_log import audit_verification, place
from access_log.place import Place
from analytics.dashboard import audit as audit_log
from appliance import access_log_jobs
from appliance.audit import audit
from appliance.hq.command import hq
from core import clock, secret_file, settings
from core.database import Database
from core.models.audit_entry import AuditEntry, AuditHead
from core.models.every import metadata
from hq import wsgi

PLACE = Place("store-1", "", "", "Shop", "Asia/Shanghai", "00:00", ["203.0.113.5"])


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    secret_file.load_or_create(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield database
    database.dispose()


def look(database, count=1):
    for _ in range(count):
        audit_log.write(database, AuditEntry(at=clock.now(), user_name="alice", action="a.page"))


def run(*arguments, of=audit):
    return CliRunner().invoke(of, list(arguments))


def test_a_whole_log_is_said_to_be_and_one_that_is_not_gives_the_entry(box):
    assert run("head").output == "the log is empty\n"
    look(box, 3)
    head = run("head").output.strip()
    assert run("verify").output == f"whole: 3 entries\nhead {head}\n"

    with box.writing() as session:
        session.execute(sa.update(AuditEntry).where(AuditEntry.id == 2).values(user_name="bob"))
    answer = run("verify")
    assert answer.exit_code == 1
    assert answer.output == "right as far as entry 1: 1 entries\nentry 2: changed\n"
    assert run("verify", "--anchor", "3:12").exit_code == 2


def test_each_day_the_access_log_takes_down_where_it_stood(box, tmp_path, now):
    sealer = secret_file.open_sealer(tmp_path)
    [anchor] = [each[2] for each in access_log_jobs.turns() if each[0] == "anchor the access log"]
    parts = types.SimpleNamespace(
        settings=settings.load(), database=box, sealer=sealer, headquarters=None
    )
    look(box, 3)
    place.tell(box, sealer, PLACE, now)
    anchor(parts)
    assert audit_verification.written_down(box, sealer) == []

    place.tell(box, sealer, PLACE, now.replace(day=17))
    for _ in range(2):
        anchor(parts)
    stood = audit_verification.head(box)
    assert audit_verification.written_down(box, sealer) == [stood]
    assert "whole: 3 entries, 1 times as the access log has it" in run("verify").output

    with box.writing() as session:
        session.execute(sa.delete(AuditEntry))
        session.execute(sa.delete(AuditHead))
    look(box, 4)
    assert run("verify").output.endswith("entry 3: not as anchored\n")


def test_headquarters_has_one_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    typed = ("user", "add", "alice", "--password-stdin")
    assert CliRunner().invoke(hq, typed, input="correct horse battery").exit_code == 0

    assert run("audit", "verify", of=hq).output.startswith("whole: 1 entries\nhead 1:")
    database = wsgi.open_database(settings.load())
    with database.writing() as session:
        session.execute(sa.delete(AuditEntry))
    database.dispose()
    assert "entry 1: missing" in run("audit", "verify", of=hq).output

"""`doorman hq user`: the commands of the store's users, on headquarters' database."""

import pytest
from click.testing import CliRunner

from analytics.dashboard import accounts
from appliance import web_server
from appliance.hq.command import hq
from core import settings
from core.models.audit_entry import AuditEntry
from core.models.user import Role
from hq import wsgi
from hq.pages import scopes

PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    return lambda *arguments, typed="": CliRunner().invoke(hq, arguments, input=typed)


@pytest.fixture
def database(run):
    database = wsgi.open_database(settings.load())
    yield database
    database.dispose()


def test_the_first_user_is_the_administrator_and_others_may_be_of_one_region(run, database):
    assert run("user", "add", "alice", "--password-stdin", typed=PASSWORD).exit_code == 0
    bob = ("user", "add", "bob", "--role", "marketer", "--password-stdin")
    assert run(*bob, typed=PASSWORD).exit_code == 0
    assert run("user", "region", "bob", "East").exit_code == 0

    assert [each.role for each in accounts.everybody(database)] == [Role.MANAGER, Role.MARKETER]
    with database.reading() as session:
        assert scopes.region_of(session, accounts.id_of(database, "bob")) == "East"
        actions = [entry.action for entry in session.query(AuditEntry)]
    assert actions == ["user.add", "user.add", "user.region"]

    assert run("user", "region", "bob").exit_code == 0
    with database.reading() as session:
        assert scopes.region_of(session, accounts.id_of(database, "bob")) is None


def test_a_user_who_goes_leaves_no_region_behind(run, database):
    run("user", "add", "alice", "--password-stdin", typed=PASSWORD)
    run("user", "region", "alice", "East")

    assert run("user", "remove", "alice").exit_code == 0

    assert run("user", "region", "alice", "East").exit_code == 1
    assert accounts.everybody(database) == []


def test_pages_are_served_where_the_settings_say(run, monkeypatch):
    started = []
    monkeypatch.setattr(web_server.os, "execv", lambda *command: started.append(command))

    run("pages")

    assert started[0][1][3] == "appliance.hq.fleet:create()"
    assert "--bind=127.0.0.1:8091" in started[0][1]

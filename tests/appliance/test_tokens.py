import datetime as dt

import pytest
from click.testing import CliRunner

from analytics.api import tokens
from appliance.hq.command import hq
from appliance.tokens import token
from core import clock, secret_file
from core.database import Database
from core.models.api_token import Scope
from core.models.audit_entry import AuditEntry
from core.models.every import metadata


@pytest.fixture
def appliance(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield database
    database.dispose()


def run(*arguments, group=token, typed=None):
    return CliRunner().invoke(group, list(arguments), input=typed)


def opens(database, folder, text, scope):
    sealer = secret_file.open_sealer(folder)
    return tokens.is_good(database, sealer, text, clock.now(), dt.date(2026, 1, 1), scope=scope)


def test_a_token_is_printed_once_and_opens_what_it_is_for(appliance, tmp_path):
    made = run("add", "prometheus").output.strip()

    assert opens(appliance, tmp_path, made, Scope.METRICS)
    assert not opens(appliance, tmp_path, made, Scope.FIGURES)
    listed = run("list").output
    assert "1\tprometheus\tmetrics\tuntil " in listed
    assert made not in listed
    with appliance.reading() as session:
        [entry] = session.query(AuditEntry).all()
    assert (entry.action, entry.user_name[:7]) == ("tokens.make", "system:")


def test_many_stores_may_have_the_same(appliance, tmp_path):
    made = run("add", "prometheus").output.strip()
    again = run("add", "monitoring", "--days", "30", "--from-stdin", typed=f"{made}\n")

    assert (again.exit_code, again.output) == (0, "")
    assert opens(appliance, tmp_path, made, Scope.METRICS)
    [row] = tokens.everyone(appliance)
    assert row.name == "monitoring"


@pytest.mark.parametrize("typed", ["\n", "secret\n", "doorman_short\n"])
def test_what_is_no_token_of_ours_is_not_taken(appliance, typed):
    refused = run("add", "prometheus", "--from-stdin", typed=typed)

    assert refused.exit_code == 1
    assert "that is no token" in refused.output
    assert not tokens.everyone(appliance)


def test_a_revoked_token_opens_nothing(appliance, tmp_path):
    made = run("add", "reports", "--scope", "figures").output.strip()
    assert opens(appliance, tmp_path, made, Scope.FIGURES)

    assert run("revoke", "1").exit_code == 0
    assert not opens(appliance, tmp_path, made, Scope.FIGURES)
    assert "there is no token 1" in run("revoke", "1").output


def test_headquarters_has_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    made = run("token", "add", "prometheus", group=hq)

    assert made.exit_code == 0, made.output
    database = Database(f"sqlite:///{tmp_path / 'hq.sqlite'}")
    assert opens(database, tmp_path, made.output.strip(), Scope.METRICS)
    database.dispose()

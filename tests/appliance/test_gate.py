import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from appliance.gate import gate
from core import clock, secret_file
from core.database import Database
from core.mac import Mac
from core.models.every import metadata
from core.models.grant import EndCause, Grant
from core.settings import SettingsError
from gate.client import GateClient
from gate.recording import RecordingGate
from tests import running_grant
from tests.gate.conftest import serving

ALICE = "3c:22:fb:9a:1b:c4"
BOB = "02:00:00:00:00:0b"


class Appliance(NamedTuple):
    data_dir: Path
    database: Database


@pytest.fixture
def appliance(tmp_path, monkeypatch):
    """An appliance whose settings are in the environment; no gate runs."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield Appliance(tmp_path, database)
    database.dispose()


@pytest.fixture
def client(appliance):
    socket_path = appliance.data_dir / "gate.sock"
    with serving(socket_path, RecordingGate()):
        yield GateClient(socket_path)


def ask(*arguments):
    return CliRunner().invoke(gate, arguments)


def test_status_says_which_gate_runs_and_how_many_are_online(client):
    client.admit(ALICE, 60)

    assert ask("status").output == "recording, 1 online\n"


def test_the_list_shows_who_has_the_most_time_left_first_and_no_whole_address(client):
    client.admit(BOB, 60)
    client.admit(ALICE, 4 * 3600)

    heading, first, second = ask("list").output.splitlines()
    assert heading.split() == ["phone", "time", "left", "bytes", "up", "bytes", "down"]
    assert first.split()[0] == "**:1b:c4"
    assert first.split()[1] in {"4:00:00", "3:59:59"}
    assert first.split()[2:] == ["0", "0"]
    assert second.split()[0] == "**:00:0b"


def test_revoke_stops_one_phone_and_ends_its_grant(client, appliance):
    sealer = secret_file.open_sealer(appliance.data_dir)
    grant_id = running_grant.give(appliance.database, sealer, Mac.parse(ALICE), clock.now())
    client.admit(ALICE, 60)
    client.admit(BOB, 60)
    result = ask("revoke", ALICE.upper().replace(":", "-"))

    assert (result.exit_code, result.output) == (0, "stopped\n")
    assert client.online().keys() == {BOB}
    with appliance.database.reading() as session:
        assert session.get(Grant, grant_id).end_cause is EndCause.REVOKED


def test_revoke_says_so_if_there_was_no_grant_to_end(client):
    client.admit(ALICE, 60)

    assert "no grant" in ask("revoke", ALICE).output
    assert client.online() == {}


@pytest.mark.parametrize(
    ("mac", "problem"),
    [
        pytest.param("3c:22:fb:9a:1b", "of the form", id="too-short"),
        pytest.param("ff:ff:ff:ff:ff:ff", "group address", id="broadcast"),
    ],
)
def test_an_address_that_is_no_phones_is_refused_in_one_line(client, mac, problem):
    result = ask("revoke", mac)

    assert result.exit_code == 1
    assert problem in result.output
    assert len(result.output.splitlines()) == 1
    assert mac not in result.output


@pytest.mark.parametrize("command", [("status",), ("list",), ("revoke", ALICE)], ids="-".join)
def test_without_a_gate_the_reason_is_told_in_one_line(appliance, command):
    result = ask(*command)

    assert result.exit_code == 1
    assert "no answer from the gate" in result.output
    assert len(result.output.splitlines()) == 1


@pytest.fixture
def of_unifi(appliance, monkeypatch):
    given = {
        "GATE__KIND": "unifi",
        "PORTAL__NEIGHBOURS": "redirect",
        "CLONES__CHALLENGES": "0",
        "UNIFI__URL": "https://192.0.2.1",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"DOORMAN_{name}", value)


def test_another_gateway_has_no_rules_of_ours(of_unifi):
    assert isinstance(ask("--ruleset").exception, SettingsError)


def test_another_gateway_is_spoken_to_by_a_program_that_wants_its_secrets(of_unifi):
    started = subprocess.run(
        [sys.executable, "-m", "appliance", "gate"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert started.returncode == 2
    assert "unifi.api_key" in started.stderr

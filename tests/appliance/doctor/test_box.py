import json
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.doctor import examination
from appliance.finding import Grade
from core import database as databases
from core import migrate, secret_file, settings
from tests.appliance.doctor import machines


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A demo-like machine on which everything a process can check is right."""
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "PORTAL__NEIGHBOURS": "loopback",
        "GATE__KIND": "recording",
        "SMS__CARRIERS": '["webhook"]',
        "SMS__WEBHOOK__URL": "http://127.0.0.1:9/sms",
        "SMS__WEBHOOK__SIGNING_KEY": "whsec_x",
    }.items():
        monkeypatch.setenv(f"DOORMAN_{name}", value)
    secret_file.load_or_create(tmp_path)
    database = databases.open_database(settings.load())
    migrate.upgrade(database)
    database.dispose()
    return tmp_path


def wrong():
    """Of a machine on which all else is in order."""
    quiet = machines.machine(
        Path("/nowhere"), programs={"timedatectl": "yes\n", "ip": "[]", "nft": None}
    )
    # However busy the machine that tests.
    found = examination.examine(quiet, within_s=60)
    return [finding for finding in found if finding.grade is Grade.WRONG]


def test_finds_only_gate_and_carrier_wrong_where_none_runs(machine):
    gate, carrier = wrong()

    assert "doorman gate" in gate.mend
    assert "sms.webhook.url" in carrier.mend


def test_nothing_is_made_by_looking(machine):
    (machine / "doorman.sqlite").unlink()
    before = sorted(machine.iterdir())
    wrong()

    assert sorted(machine.iterdir()) == before


def test_programs_are_told_in_json(machine):
    command = [sys.executable, "-m", "appliance", "doctor", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    document = json.loads(answer.stdout)

    assert answer.returncode == 1
    assert document["wrong"] == sum(each["grade"] == "wrong" for each in document["findings"])
    assert all(each["mend"] for each in document["findings"] if each["grade"] == "wrong")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        pytest.param("PORTAL__PORT", "x", "portal.port", id="setting"),
        pytest.param("DATA_DIR", "/nowhere/at/all", "mkdir", id="no-folder"),
        pytest.param("SMS__CARRIERS", "[]", "sms.carriers", id="no-carrier"),
        pytest.param("SMS__CARRIERS", "[]", "no way in", id="no-way-in"),
        pytest.param("WAYS__EMAIL", "true", "mail.host", id="no-mail-server"),
        pytest.param("HEADQUARTERS__URL", "https://hq.test", "headquarters.key", id="no-key-there"),
        pytest.param("PORTAL__NEIGHBOURS", "kernel", "gate.shopper_interface", id="no-lan"),
        pytest.param("PORTAL__URL", "https://wifi.store.test", "addresses", id="no-address"),
        pytest.param("DATABASE__URL", "sqlite:////proc/x/y", "database.url", id="no-database"),
    ],
)
def test_says_what_is_wrong_and_how_to_mend_it(machine, monkeypatch, variable, value, says):
    monkeypatch.setenv(f"DOORMAN_{variable}", value)

    assert any(says in finding.text + finding.mend for finding in wrong())


def test_an_open_secrets_file_is_wrong(machine):
    (machine / secret_file.NAME).chmod(0o644)

    assert any("chmod 600" in finding.mend for finding in wrong())


def test_an_old_database_is_wrong(machine):
    (machine / "doorman.sqlite").unlink()

    assert any("doorman migrate" in finding.mend for finding in wrong())

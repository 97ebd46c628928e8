"""`doorman radius`, and what the doctor says of FreeRADIUS."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance import health_signs, radius_check
from appliance.cli import doorman
from appliance.finding import Grade
from core.setting_groups.network import GateKind
from core.settings import Settings
from gear.radius import freeradius
from tests import free_ports
from tests.gear.radius.conftest import (
    SECRET,
    dialect,
    eventually,
    freeradius_server,
    gateway,
    radius_ports,
    radius_store,
    serving,
)

__all__ = ["dialect", "freeradius_server", "gateway", "radius_ports", "radius_store"]


def grades(found):
    return [finding.grade for finding in radius_check.examine(found)]


def test_the_doctor_sees_freeradius_the_gate_and_each_gateway(gateway, radius_store):
    with serving(radius_store):
        gateway.join("02:00:00:00:00:0a", "192.168.77.10")

        assert grades(radius_store) == [Grade.GOOD, Grade.GOOD]


def test_the_doctor_misses_a_gateway_that_was_never_heard(gateway, radius_store):
    with serving(radius_store):
        _, ac1 = radius_check.examine(radius_store)

    assert ac1.grade is Grade.WRONG
    assert "ac1 has not been heard" in ac1.text


def test_the_doctor_misses_freeradius_and_the_gate(radius_store, freeradius_server):
    freeradius_server(False)
    try:
        server, gate = radius_check.examine(radius_store)
    finally:
        freeradius_server(True)

    assert (server.grade, gate.grade) == (Grade.WRONG, Grade.WRONG)
    assert "nobody new is let in" in server.text


def test_the_doctor_says_which_dialects_nobody_has_tried(gateway, radius_store):
    untried = radius_store.radius.nas[0].model_copy(update={"dialect": "h3c"})
    radius = radius_store.radius.model_copy(update={"nas": (untried,)})
    with serving(radius_store):
        *_, last = radius_check.examine(radius_store.model_copy(update={"radius": radius}))

    assert last.grade is Grade.NOTE
    assert "h3c" in last.text


@pytest.fixture
def named_gateway(tmp_path, monkeypatch):
    path = tmp_path / "doorman.toml"
    path.write_text(
        '[[radius.nas]]\nname = "ac1"\naddress = "10.0.0.2"\nrole = "guests"\n', "utf-8"
    )
    monkeypatch.setenv("DOORMAN_CONFIG", str(path))


def test_the_configuration_names_each_gateway_with_its_secret(named_gateway, monkeypatch):
    monkeypatch.setenv("DOORMAN_RADIUS__SECRETS__AC1", SECRET)

    result = CliRunner().invoke(doorman, ["radius", "--freeradius"])

    assert result.exit_code == 0
    assert f'ipaddr = 10.0.0.2\n\tsecret = "{SECRET}"' in result.output


def test_without_its_secret_there_is_no_configuration(named_gateway):
    result = CliRunner().invoke(doorman, ["radius", "--freeradius"])

    assert result.exit_code != 0
    assert result.output == ""


@pytest.fixture
def of_its_own(named_gateway, tmp_path, monkeypatch):
    """Settings of a FreeRADIUS beside others: a folder, and the port that it is asked on."""
    names = ("AUTH_PORT", "ACCOUNTING_PORT", "SERVICE_PORT", "STATUS_PORT")
    ports = dict(zip(names, free_ports.find(4), strict=True))
    for name, value in (ports | {"FOLDER": tmp_path / "run", "SECRETS__AC1": SECRET}).items():
        monkeypatch.setenv(f"DOORMAN_RADIUS__{name}", str(value))
    return tmp_path / "run", ports["STATUS_PORT"]


def health_of(kind, **ours):
    found = Settings()
    found = found.model_copy(
        update={
            "gate": found.gate.model_copy(update={"kind": kind}),
            "radius": found.radius.model_copy(update=ours),
        }
    )
    return {each.program: each.text for each in health_signs.ask(found)}.get("radius")


def test_it_runs_freeradius_which_alone_reads_the_secrets(of_its_own):
    folder, status_port = of_its_own
    if freeradius.find_program() is None:
        pytest.skip("FreeRADIUS is not installed (apt-get install freeradius freeradius-rest)")
    process = subprocess.Popen([sys.executable, "-m", "appliance", "radius", "run"])
    try:
        assert eventually(lambda: freeradius.is_alive(status_port), 60)
        assert Path(f"/proc/{process.pid}/exe").readlink().name == "freeradius"
        assert b"DOORMAN_" not in Path(f"/proc/{process.pid}/environ").read_bytes()
        assert SECRET in (folder / freeradius.NAME).read_text()
        assert [path.stat().st_mode & 0o777 for path in (folder, folder / freeradius.NAME)] == [
            0o700,
            0o600,
        ]
        assert health_of(GateKind.RADIUS, status_port=status_port) == "answers"
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(10)
    assert status == 0
    assert health_of(GateKind.RADIUS, status_port=status_port) == "does not answer"


def test_without_freeradius_it_says_what_to_install(of_its_own, monkeypatch):
    monkeypatch.setattr(freeradius, "find_program", lambda: None)
    monkeypatch.setattr(os, "execve", None)

    result = CliRunner().invoke(doorman, ["radius", "run"])

    assert result.exit_code != 0
    assert "apt-get install freeradius freeradius-rest" in result.output


def test_health_asks_it_where_the_gateways_speak_radius_alone():
    assert health_of(GateKind.NFTABLES) is None
    assert health_of(GateKind.UNIFI) is None

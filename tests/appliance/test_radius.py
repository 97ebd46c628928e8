"""`doorman radius`, and what the doctor says of FreeRADIUS."""

import pytest
from click.testing import CliRunner

from appliance import radius_check
from appliance.cli import doorman
from appliance.finding import Grade
from tests.gear.radius.conftest import (
    SECRET,
    dialect,
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

import stat

import pytest
from click.testing import CliRunner

from appliance import cli
from core import clock
from core.place import place_of
from core.setting_groups.sensor import SensorSettings
from sniffer.remote import bundle


@pytest.fixture
def sensors(tmp_path, monkeypatch):
    """Calls `doorman sensors`."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "box"))

    def sensors(*arguments):
        words = [str(each) for each in arguments]
        return CliRunner().invoke(cli.doorman, ["sensors", *words])

    return sensors


def test_a_sensor_is_added_listed_and_removed(sensors, tmp_path):
    path = tmp_path / "corner.pem"

    added = sensors("add", "corner", path)

    assert added.exit_code == 0
    assert str(path) in added.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert bundle.read(path).name == "corner"
    assert sensors("list").output.split()[0] == "corner"
    assert sensors("remove", "corner").exit_code == 0
    assert sensors("list").output == ""


def test_what_is_printed_shows_no_key(sensors, tmp_path):
    path = tmp_path / "corner.pem"
    output = sensors("add", "corner", path).output + sensors("list").output

    assert all(line not in output for line in path.read_text().splitlines())


def test_a_file_that_is_there_is_not_written_over_and_no_name_taken_away(sensors, tmp_path):
    path = tmp_path / "corner.pem"
    sensors("add", "corner", path)
    before = sensors("list").output, path.read_bytes()

    again = sensors("add", "corner", path)

    assert again.exit_code == 1
    assert "cannot be made: File exists" in again.output
    assert (sensors("list").output, path.read_bytes()) == before


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("sensor-1", "box's own sensor", id="its own name"),
        pytest.param("Corner!", "small letters", id="no identifier"),
    ],
)
def test_a_name_that_cannot_be_leaves_no_file(sensors, tmp_path, name, says):
    added = sensors("add", name, tmp_path / "bundle.pem")

    assert added.exit_code == 1
    assert says in added.output
    assert not (tmp_path / "bundle.pem").exists()


def test_who_is_not_there_cannot_be_removed(sensors):
    assert "there is no sensor corner" in sensors("remove", "corner").output


def test_a_certificate_about_to_end_is_marked(sensors, tmp_path, monkeypatch):
    sensors("add", "corner", tmp_path / "corner.pem")
    assert "makes it a new bundle" not in sensors("list").output

    ends_at = bundle.read(tmp_path / "corner.pem").ends_at
    monkeypatch.setattr(clock, "now", lambda: ends_at)
    assert "makes it a new bundle" in sensors("list").output


@pytest.mark.parametrize(
    "sensor",
    [
        pytest.param({"send_to": "box.lan:8444"}, id="no bundle"),
        pytest.param({"bundle": "corner.pem"}, id="nowhere to send"),
        pytest.param(
            {"listen": "10.0.0.1:8444", "send_to": "10.0.0.2:8444", "bundle": "x"}, id="both"
        ),
        pytest.param({"listen": "10.0.0.1"}, id="no port"),
        pytest.param({"listen": "10.0.0.1:65536"}, id="no such port"),
        pytest.param({"listen": "http://10.0.0.1:80"}, id="a URL"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(sensor):
    with pytest.raises(ValueError, match=r"send_to|port|pattern"):
        SensorSettings(**sensor)


@pytest.mark.parametrize(
    ("written", "place"),
    [("10.0.0.1:8444", ("10.0.0.1", 8444)), ("[fd00::1]:1", ("fd00::1", 1))],
)
def test_a_place_is_a_host_and_a_port(written, place):
    assert place_of(SensorSettings(listen=written).listen) == place

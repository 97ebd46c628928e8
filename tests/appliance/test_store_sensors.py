import stat
import time

import pytest
from click.testing import CliRunner

from appliance import cli, store_sensors
from core import clock, do_not_count
from core.place import place_of
from core.pseudonym import DayKeys
from core.setting_groups.sensor import SensorSettings
from core.settings import Settings
from sniffer.remote import bundle
from sniffer.remote.bundle import BundleError
from sniffer.remote.line import Line
from sniffer.remote.server import ServerError
from sniffer.remote.shape import AskKeys
from tests import free_ports


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


@pytest.mark.parametrize(
    ("sensor", "error", "says"),
    [
        pytest.param(
            {"send_to": "127.0.0.1:1", "bundle": "/none.pem"},
            BundleError,
            "/none.pem is not there",
            id="no bundle",
        ),
        pytest.param(
            {"listen": "192.0.2.1:8444"}, ServerError, r"sensor\.listen", id="another's address"
        ),
    ],
)
def test_says_what_keeps_sensors_from_each_other(tmp_path, sensor, error, says):
    settings = Settings(data_dir=tmp_path, sensor=SensorSettings(**sensor))

    with pytest.raises(error, match=says), store_sensors.joined(settings, DayKeys(24)):
        pass


def test_a_lone_sensor_is_joined_by_nobody(settings):
    with store_sensors.joined(settings, DayKeys(24)) as others:
        assert others == store_sensors.Joined()


def test_a_box_hands_on_its_do_not_count_list(tmp_path, sensors):
    """As it was, if it turns unreadable: better out of date than nobody left out."""
    data_dir = tmp_path / "box"
    sensors("add", "corner", tmp_path / "corner.pem")
    place = f"127.0.0.1:{free_ports.find(1)[0]}"
    box = Settings(data_dir=data_dir, sensor=SensorSettings(listen=place))
    handed = []

    with store_sensors.joined(box, DayKeys(24)):
        whose = bundle.read(tmp_path / "corner.pem")
        with Line(place_of(place), whose) as line:
            for content in (None, "first", b"\xff", None):
                path = do_not_count.path_of(data_dir)
                path.unlink(missing_ok=True)
                if content is not None:
                    path.write_bytes(content if isinstance(content, bytes) else content.encode())
                now_us = time.time_ns() // 1000
                handed.append(line.ask(AskKeys("corner", now_us, "0" * 16)).leave_out)

    assert handed == ["", "first", "first", ""]

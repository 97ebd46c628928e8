import datetime as dt

import pytest

from appliance import store_sensors_check
from appliance.finding import Grade
from appliance.store_sensors import authority_of
from core import clock, sensor_status
from core.pseudonym import DayKeys
from core.sensor_status import Hearing, SensorStatus, State
from core.setting_groups.sensor import SensorSettings
from core.settings import Settings
from sniffer.remote.server import Server
from sniffer.remote.store_keys import PeriodKeys
from tests import free_ports


def findings(settings):
    return list(store_sensors_check.examine(settings))


@pytest.fixture
def box(tmp_path):
    return Settings(
        data_dir=tmp_path / "box",
        sensor=SensorSettings(listen=f"127.0.0.1:{free_ports.find(1)[0]}"),
    )


def say(box, state, heard_at=None, told_before_s=0):
    told_at = clock.now() - dt.timedelta(seconds=told_before_s)
    heard = {"corner": Hearing(state, heard_at)}
    sensor_status.write(box.data_dir, SensorStatus(told_at, heard))


def add(box, tmp_path, days_ago=0):
    path = tmp_path / "corner.pem"
    path.touch(0o600)
    content = authority_of(box).add("corner", clock.now() - dt.timedelta(days=days_ago))
    path.write_bytes(content)
    return Settings(
        data_dir=tmp_path / "corner",
        sensor=SensorSettings(send_to=box.sensor.listen, bundle=str(path)),
    )


def test_a_store_of_one_sensor_has_nothing_to_say(settings):
    assert findings(settings) == []


def test_a_box_that_listens_for_nobody_is_noted(box):
    [finding] = findings(box)

    assert finding.grade is Grade.NOTE
    assert "doorman sensors add" in finding.mend


def test_a_box_that_listens_everywhere_is_noted(tmp_path):
    box = Settings(data_dir=tmp_path, sensor=SensorSettings(listen="0.0.0.0:8444"))

    assert findings(box)[0].mend == "give it the address of the management side"


@pytest.mark.parametrize(
    ("state", "told_before_s", "grade", "says"),
    [
        pytest.param(State.HEARING, 0, Grade.GOOD, "sensor corner sends", id="sends"),
        pytest.param(State.GONE, 0, Grade.WRONG, "nothing is heard of sensor corner", id="gone"),
        pytest.param(State.HEARING, 600, Grade.WRONG, "nothing is heard", id="old status"),
    ],
)
def test_says_how_each_sensor_is(box, tmp_path, *, state, told_before_s, grade, says):
    add(box, tmp_path)
    say(box, state, told_before_s=told_before_s)

    [finding] = findings(box)

    assert finding.grade is grade
    assert says in finding.text


@pytest.mark.parametrize(
    ("days_ago", "grade", "says"),
    [
        pytest.param(1010, Grade.NOTE, "of sensor corner ends", id="about to end"),
        pytest.param(1100, Grade.WRONG, "of sensor corner has ended", id="ended"),
    ],
)
def test_says_when_a_certificate_ends(box, tmp_path, days_ago, grade, says):
    add(box, tmp_path, days_ago)
    say(box, State.HEARING)

    [finding] = findings(box)

    assert finding.grade is grade
    assert says in finding.text


def test_says_since_when_nothing_is_heard(box, tmp_path, now):
    add(box, tmp_path)
    say(box, State.GONE, heard_at=now)

    assert "since 2026-05-16 06:30 UTC" in findings(box)[0].text


@pytest.fixture
def server(box):
    host, port = box.sensor.listen.split(":")
    keys = PeriodKeys(DayKeys(24), box.store.zone, is_strict=False)
    server = Server((host, int(port)), authority_of(box), keys, str, 300)
    yield server
    server.close()


def test_a_sensor_that_the_box_takes_is_told_so(box, tmp_path, server):
    [finding] = findings(add(box, tmp_path))

    assert finding.grade is Grade.GOOD
    assert "takes what corner hears" in finding.text


def test_a_sensor_learns_that_it_was_removed(box, tmp_path, server):
    corner = add(box, tmp_path)
    authority_of(box).remove("corner")

    [finding] = findings(corner)

    assert finding.grade is Grade.WRONG
    assert "refuses: revoked" in finding.text


def test_a_sensor_learns_that_its_box_is_silent(box, tmp_path):
    [finding] = findings(add(box, tmp_path))

    assert finding.grade is Grade.WRONG
    assert "unreachable" in finding.text
    assert "sensor.listen" in finding.mend


def test_a_sensor_without_its_bundle_is_told_so(box, tmp_path):
    corner = add(box, tmp_path)
    (tmp_path / "corner.pem").unlink()

    [finding] = findings(corner)

    assert "is not there" in finding.mend

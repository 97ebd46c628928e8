import time

import pytest

from appliance.joined_sensors import authority_in, joined
from core import clock, do_not_count
from core.place import place_of
from core.pseudonym import DayKeys
from core.setting_groups.sensor import SensorSettings
from core.settings import Settings
from sniffer.joined import Joined
from sniffer.remote import bundle
from sniffer.remote.bundle import BundleError
from sniffer.remote.line import Line
from sniffer.remote.server import ServerError
from sniffer.remote.shape import AskKeys
from sniffer.wanted import Wanted
from tests import free_ports


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

    with pytest.raises(error, match=says), joined(Wanted.of(settings), DayKeys(24)):
        pass


def test_a_lone_sensor_is_joined_by_nobody(settings):
    with joined(Wanted.of(settings), DayKeys(24)) as others:
        assert others == Joined()


def test_a_box_hands_on_its_do_not_count_list(tmp_path):
    """As it was, if it turns unreadable: better out of date than nobody left out."""
    data_dir = tmp_path / "box"
    content = authority_in(data_dir).add("corner", clock.now())
    (tmp_path / "corner.pem").write_bytes(content)
    (tmp_path / "corner.pem").chmod(0o600)
    place = f"127.0.0.1:{free_ports.find(1)[0]}"
    box = Settings(data_dir=data_dir, sensor=SensorSettings(listen=place))
    handed = []

    with joined(Wanted.of(box), DayKeys(24)):
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

import datetime as dt

import pytest

from core import sensor_status
from core.sensor_status import Hearing, SensorStatus, State


@pytest.fixture
def status(now):
    return SensorStatus(
        now, {"mon0": Hearing(State.HEARING, now), "mon1": Hearing(State.GONE, None, "unplugged")}
    )


def test_reads_what_was_written(tmp_path, status):
    sensor_status.write(tmp_path / "new folder", status)
    sensor_status.write(tmp_path / "new folder", status)

    assert sensor_status.read(tmp_path / "new folder") == status


def test_is_stale_when_its_sensor_no_longer_writes(status, now):
    assert not status.is_stale(now + dt.timedelta(minutes=2))
    assert status.is_stale(now + dt.timedelta(minutes=2, seconds=1))


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        '{"told_at": "then", "sources": {}}',
        '{"told_at": "2026-05-16T06:30:00+00:00", "sources": {"mon0": {"state": "odd"}}}',
        '{"told_at": "2026-05-16T06:30:00+00:00", "sources": {"mon0": 1}}',
    ],
)
def test_is_none_if_there_is_nothing_to_read(tmp_path, content):
    if content is not None:
        (tmp_path / "sensor-status.json").write_text(content)

    assert sensor_status.read(tmp_path) is None

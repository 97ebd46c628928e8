import csv
import json

import pytest
from click.testing import CliRunner

from appliance.simulate import simulate
from sniffer import capture_file, frames
from sniffer.frames import ProbeRequest, Rejected


def run(*arguments):
    return CliRunner().invoke(simulate, [str(each) for each in arguments])


SHORT_DAY = ("--opens", 10, "--closes", 11, "--people", 60, "--no-furniture")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """A capture file; its companions lie beside it."""
    path = tmp_path_factory.mktemp("day") / "shop.pcap"
    assert run(path, *SHORT_DAY, "--labels").exit_code == 0
    return path


def test_writes_a_capture_that_can_be_read(day):
    decoded = [frames.decode(frame.data, frame.link_type) for frame in capture_file.read(day)]

    assert sum(isinstance(each, ProbeRequest) for each in decoded) > 100
    rejected = {each for each in decoded if not isinstance(each, ProbeRequest)}
    assert rejected == {Rejected.OTHER_TYPE}


def test_writes_who_came_and_how_long_they_stayed(day):
    truth = json.loads(day.with_suffix(".truth.json").read_text("utf-8"))

    trips = [trip for person in truth["people"] for trip in person["trips"]]
    visits = [trip for trip in trips if trip["kind"] == "visitor"]
    assert sum(hour["entered"] for hour in truth["hours"]) == len(visits)
    assert all(visit["dwell_s"] > 0 for visit in visits)
    assert all(trip["zones"][-1][1] == "away" for trip in trips)
    assert truth["start"] == "2026-05-16T10:00:00+08:00"


def test_labels_each_frame_with_a_device_of_the_truth(day):
    truth = json.loads(day.with_suffix(".truth.json").read_text("utf-8"))
    with day.with_suffix(".frames.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert [int(row["frame_number"]) for row in rows] == list(range(len(rows)))
    devices = {device["number"] for device in truth["devices"]}
    assert {int(row["device"]) for row in rows if row["device"]} <= devices


def test_the_same_seed_writes_the_same_files(day, tmp_path):
    run(tmp_path / "again.pcap", *SHORT_DAY, "--labels")

    for ending in (".pcap", ".truth.json", ".frames.csv"):
        again = (tmp_path / "again.pcap").with_suffix(ending).read_bytes()
        assert again == day.with_suffix(ending).read_bytes()


def test_each_sensor_has_a_capture(tmp_path):
    run(tmp_path / "room.pcap", "--crowd", 5, "--minutes", 3, "--sensors", 2)

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"room.pcap", "room.2.pcap", "room.truth.json"}


def test_a_snaplen_cuts_frames_short(tmp_path):
    run(tmp_path / "room.pcap", "--crowd", 5, "--minutes", 3, "--snaplen", 64)

    captured = list(capture_file.read(tmp_path / "room.pcap"))
    assert {len(frame.data) for frame in captured} == {64}
    assert all(frame.missing for frame in captured)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(("--zone", "Moon/Sea"), "--zone", id="zone"),
        pytest.param(("--opens", 12, "--closes", 9), "--closes", id="hours"),
        pytest.param(("--channel", 20), "--channel", id="channel"),
        pytest.param(("--entry-rate", 1.5), "--entry-rate", id="rate"),
    ],
)
def test_names_the_option_that_makes_no_sense(arguments, named, tmp_path):
    result = run(tmp_path / "shop.pcap", *arguments)

    assert result.exit_code == 2
    assert named in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    result = run(tmp_path / "nowhere" / "shop.pcap", "--crowd", 1, "--minutes", 1)

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1

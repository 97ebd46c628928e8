import csv
import datetime as dt
import json
import struct
from collections import Counter

import numpy as np
import pytest
from click.testing import CliRunner

from appliance.estimate import estimate, of
from sniffer.frames import Frame
from sniffer.scene import capture as capture_writer
from sniffer.scene.shop import Scene
from tests.sniffer.octets import probe_request, radiotap

OPENING = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
RADIOTAP = 127


@pytest.fixture(scope="module")
def played():
    return Scene(OPENING, hours=0.75, people_per_hour=60).play()[0]


@pytest.fixture(scope="module")
def capture(played, tmp_path_factory):
    path = tmp_path_factory.mktemp("capture") / "shop.pcap"
    capture_writer.write(path, played)
    return path


def run(*arguments, given=None):
    return CliRunner().invoke(estimate, [str(each) for each in arguments], input=given)


def test_finds_about_as_many_devices_as_were_heard(played, capture):
    found = json.loads(run(capture, "--json").stdout)

    heard = len({frame.phone for frame in played} - {None})
    low, high = found["interval95"]
    assert low <= heard <= high
    assert found["devices"] == pytest.approx(heard, rel=0.3)


def test_accounts_for_every_frame(played, capture):
    found = json.loads(run(capture, "--json").stdout)

    kinds = Counter(frame.phone is None for frame in played)
    assert found["frames"] == len(played)
    assert found["probe_requests"] == kinds[False]
    assert found["rejected"] == {"other_type": kinds[True]}


def test_assigns_every_probe_request_to_one_of_the_devices(played, capture, tmp_path):
    found = json.loads(run(capture, "--json", "--assignments", tmp_path / "out.csv").stdout)

    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = [number for number, frame in enumerate(played) if frame.phone is not None]
    assert [int(row["frame_number"]) for row in rows] == numbers
    numbered = {int(row["device"]) for row in rows}
    assert numbered == set(range(len(numbered)))
    assert found["devices"] == pytest.approx(len(numbered), rel=0.3)


def test_hardly_ever_gives_one_device_the_frames_of_two_phones(played):
    captured = [Frame(frame.at_us, RADIOTAP, frame.data) for frame in played]
    found = of(captured, 900)

    owner = np.array([frame.phone for frame in played if frame.phone is not None])
    most = [Counter(owner[found.device == device].tolist()).most_common(1)[0][1]
            for device in np.unique(found.device)]  # fmt: skip
    assert sum(most) / len(owner) > 0.85


def test_reads_a_pipe(capture):
    piped = run("-", "--json", given=capture.read_bytes())

    assert piped.stdout == run(capture, "--json").stdout


def test_says_it_in_words_too(capture):
    text = run(capture).stdout

    assert "95 % interval" in text
    assert "other_type" in text


def test_the_count_does_not_depend_on_the_channels_a_frame_was_heard_on(played):
    once = [Frame(frame.at_us, RADIOTAP, frame.data) for frame in played]
    thrice = [frame for frame in once for _ in range(3)]

    assert of(thrice, 900).devices == of(once, 900).devices


def test_a_capture_without_probe_requests_holds_no_device():
    found = of([Frame(0, RADIOTAP, b"")], 900)

    assert (found.frames, found.devices, found.interval95) == (1, 0, (0, 0))


def test_names_each_reason_why_a_frame_is_rejected():
    whole = probe_request()
    spoilt = [whole[:30], b"\1" + whole[1:], whole + b"\1", radiotap(flags=0x40) + whole[15:]]
    found = of([Frame(0, RADIOTAP, data) for data in [whole, *spoilt, whole]], 900)

    assert found.rejected == dict.fromkeys(("bad_element", "bad_fcs", "bad_header", "truncated"), 1)
    assert found.frame_number.tolist() == [0, 5]


def test_says_if_the_capture_cut_its_frames_short():
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 64, RADIOTAP)
    data = probe_request()
    result = run("-", given=header + struct.pack("<IIII", 0, 0, 64, len(data)) + data[:64])

    assert "1 probe requests are cut short" in result.stderr


def test_a_capture_of_nothing_is_no_error():
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RADIOTAP)

    found = json.loads(run("-", "--json", given=header).stdout)

    assert (found["devices"], found["interval95"], found["frames"]) == (0, [0, 0], 0)


@pytest.mark.parametrize(
    "content", [b"", b"not a capture at all", None], ids=["empty", "text", "missing"]
)
def test_a_bad_file_is_one_line_and_leaves_nothing_behind(content, tmp_path):
    if content is not None:
        (tmp_path / "bad.pcap").write_bytes(content)
    before = sorted(tmp_path.iterdir())

    result = run(tmp_path / "bad.pcap", "--json", "--assignments", tmp_path / "out.csv")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_assignments_that_cannot_be_written_are_named(capture, tmp_path):
    result = run(capture, "--assignments", tmp_path / "nowhere" / "out.csv")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "out.csv cannot be written" in result.stderr


def test_shows_no_address_and_no_network_name(capture, played):
    shown = run(capture, "--json").output + run(capture).output

    senders = {frame.data[26:32].hex(":") for frame in played if frame.phone is not None}
    assert not any(sender in shown for sender in senders)
    assert "pomelo" not in shown


@pytest.mark.parametrize("window_s", ["0", "-5", "soon"])
def test_refuses_a_window_that_is_none(window_s, capture):
    assert run(capture, "--window-s", window_s).exit_code == 2

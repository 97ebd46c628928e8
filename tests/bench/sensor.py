"""How fast frames are decoded, beside the decoders people use: frames per second of CPU.

Each reads the same file and gives the same of every frame: time, signal, frequency,
sender, sequence number and a fingerprint of the elements (the two that print text have
no fingerprint, and print the tags or nothing). The runs take turns; the median counts.
CPU time of this process or of the program started, so that a busy machine tells in the
spread only. A program's start-up is taken off: ours would not have it in the appliance.

The capture is one that we generate. Where there is a folder of real ones
(DOORMAN_BENCH_DATA, by default ../shared/data), some of these are measured, too; the
name of each figure says which it was.

Two more figures: the whole way from a frame to the day file, and the sensor's memory
after a simulated week (sensor_week.py).
"""

import datetime as dt
import hashlib
import itertools
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from scapy.layers.dot11 import Dot11, Dot11Elt, RadioTap
from scapy.utils import RawPcapReader

from core.settings import Settings
from sniffer import capture_file
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, decode
from sniffer.scene.shop import Scene
from tests.bench.memory_of_days import memory_of_days

ROUNDS = 5
MOST_FRAMES = 40_000
# Scapy would take a minute for the whole file.
FOR_SCAPY = 1500
OPENING = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
# Oxford Street, one sensor, 60,000 probe requests in half an hour (IJGIS 2019).
BUSIEST_STREET = 33

PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINK_RADIOTAP)
# What each does, and how many times faster we mean to be.
PEERS = {
    "scapy": ("scapy, full dissection", 300),
    "dpkt": ("dpkt, dissection", 10),
    "tshark": ("tshark -T fields", 10),
    "tcpdump": ("tcpdump -n -e, text", 1),
}
# Frames of the simulated week, a day's 100,000: more than any of the shops of IJGIS 2019.
WEEK = 700_000

TSHARK_FIELDS = (
    "frame.time_epoch",
    "radiotap.flags.badfcs",
    "radiotap.dbm_antsignal",
    "radiotap.channel.freq",
    "wlan.ta",
    "wlan.seq",
    "wlan.tag.number",
    "wlan.tag.length",
)


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="doorman-bench-") as folder:
        return [
            row
            for source, frames in sources()
            for row in measured(source, written(Path(folder, source), frames), Path(folder))
        ] + [memory_of_days("sensor.memory_after_a_week", "sensor_week", WEEK)]


def sources() -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    played = itertools.islice(Scene(OPENING).record(), MOST_FRAMES)
    yield "generated", [(frame.at_us, frame.data) for frame in played]

    folder = Path(os.environ.get("DOORMAN_BENCH_DATA", "../shared/data"))
    real = real_frames(folder) if folder.is_dir() else []
    if real:
        yield "real", real
    else:
        print(f"sensor: no captures in {folder} (DOORMAN_BENCH_DATA)", file=sys.stderr)


def real_frames(folder: Path) -> list[tuple[int, bytes]]:
    """The beginning of each capture in the folder, so that all sorts of phones are in."""
    files = sorted(folder.rglob("*.pcap")) + sorted(folder.rglob("*.pcapng"))
    share = MOST_FRAMES // max(len(files), 1)
    found = []
    for file in files:
        frames = (frame for frame in capture_file.read(file) if frame.link_type == LINK_RADIOTAP)
        found += [(frame.at_us, frame.data) for frame, _ in zip(frames, range(share), strict=False)]
    return found


def written(path: Path, frames: list[tuple[int, bytes]]) -> Path:
    with path.open("wb") as file:
        file.write(PCAP_HEADER)
        for at_us, data in frames:
            file.write(struct.pack("<IIII", *divmod(at_us, 1_000_000), len(data), len(data)) + data)
    return path


def measured(source: str, capture: Path, folder: Path) -> list[dict]:
    frames = [(frame.at_us, frame.data) for frame in capture_file.read(capture)]
    few = written(folder / "few", frames[:: max(len(frames) // FOR_SCAPY, 1)])
    none = written(folder / "none", [])
    runs: dict[str, Callable[[], float]] = {
        "doorman": lambda: in_process(ours, capture),
        "scapy": lambda: in_process(with_scapy, few),
        "dpkt": lambda: in_process(with_dpkt, capture),
    }
    if source == "generated":
        # Real captures are of other days, of which the sensor would keep two.
        runs["sensor"] = lambda: in_process(whole_way, capture)
    tshark = ["tshark", "-n", "-T", "fields", *(f"-e{field}" for field in TSHARK_FIELDS), "-r"]
    for command in (tshark, ["tcpdump", "-n", "-e", "-r"]):
        if shutil.which(command[0]):
            runs[command[0]] = lambda command=command: started(command, capture, none, len(frames))
        else:
            print(f"sensor: {command[0]} is not installed, so not measured", file=sys.stderr)

    results: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            results[name].append(run())
    rates = {name: statistics.median(rates) for name, rates in results.items()}
    rows = [
        row(f"decode.{source}.vs_{peer}", rates["doorman"], what, rates[peer], goal)
        for peer, (what, goal) in PEERS.items()
        if peer in rates
    ]
    if "sensor" in rates:
        rows.append(row("whole_way", rates["sensor"], "busiest street", BUSIEST_STREET, 100))
    return rows


def row(name: str, value: float, peer: str, peer_value: float, goal: float) -> dict:
    ratio = value / peer_value
    return {
        "name": f"sensor.{name}",
        "value": round(value),
        "unit": "frames/CPU-s",
        "peer": peer,
        "peer_value": round(peer_value),
        "ratio": round(ratio, 2),
        "goal": f"at least {goal} x",
        "met": ratio >= goal,
    }


def in_process(read: Callable[[Path], int], capture: Path) -> float:
    begun = time.process_time()
    frames = read(capture)
    return frames / (time.process_time() - begun)


def started(command: list[str], capture: Path, none: Path, frames: int) -> float:
    return frames / max(cpu_of([*command, capture]) - cpu_of([*command, none]), 1e-3)


def cpu_of(command: list[str | Path]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ours(capture: Path) -> int:
    frames = 0
    for _at_us, link_type, data, missing in capture_file.read(capture):
        decode(data, link_type, missing=missing)
        frames += 1
    return frames


def whole_way(capture: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="doorman-bench-") as folder:
        sensor = of_box(Settings(data_dir=Path(folder)))
        return sensor.run(capture_file.read(capture), lambda: False)["frames"]


def with_scapy(capture: Path) -> int:
    frames = 0
    with RawPcapReader(str(capture)) as reader:
        for data, when in reader:
            frames += 1
            packet = RadioTap(data)
            dot11 = packet.getlayer(Dot11)
            if dot11 is None or (dot11.type, dot11.subtype) != (0, 4):
                continue
            looks = hashlib.blake2b(digest_size=8)
            element = packet.getlayer(Dot11Elt)
            while element:
                looks.update(element.original[: 2 + element.len] if element.ID else b"\0\0")
                element = element.payload.getlayer(Dot11Elt)
            _ = when.sec, packet.dBm_AntSignal, packet.ChannelFrequency, dot11.addr2, dot11.SC >> 4
            looks.digest()
    return frames


def with_dpkt(capture: Path) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import dpkt  # noqa: PLC0415 - it warns of its own code when loaded
    frames = 0
    with capture.open("rb") as file:
        for at_s, data in dpkt.pcap.Reader(file):
            frames += 1
            try:
                header = dpkt.radiotap.Radiotap(data)
                dot11 = header.data
                if (dot11.type, dot11.subtype) != (0, 4):
                    continue
                looks = hashlib.blake2b(digest_size=8)
                for element in dot11.ies:
                    looks.update(bytes(element) if element.id else b"\0\0")
            except (dpkt.UnpackError, AttributeError, IndexError):
                continue
            _ = at_s, header.ant_sig.db, header.channel.freq, dot11.mgmt.src, dot11.mgmt.frag_seq
            looks.digest()
    return frames

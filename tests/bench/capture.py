"""The sensor live: how much of a core it takes, and what it loses.

`doorman sensor` on a device that carries radiotap, as a monitor interface does, in a
namespace of its own. Another process writes probe requests into the device's other end at
a steady rate, three other frames for each, as on the air. CPU time is that of the sensor's
process from its first frame to its last; what the kernel does to hand frames over is in the
writer's. The peer is tcpdump with the same filter, writing a capture to nowhere. Needs root.
"""

import itertools
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core import sightings
from core.settings import Settings
from tests.bench.figure import figure
from tests.lab.namespace import Namespace
from tests.sniffer.air import OTHERS, Radio, on_air
from tests.sniffer.octets import probe_request

INTERFACE = "mon0"
RATES = {100: 15, 5000: 10}
"""Probe requests a second, and for how many seconds."""
# No sooner than every so many a tick, or the writer needs the core itself.
TICK_S = 0.002
START_WITHIN_S = 30


def measure() -> list[dict]:
    if os.geteuid():
        print("capture: not root, so not measured", file=sys.stderr)
        return []
    rows = []
    with Namespace("doorman-bench-air") as namespace, on_air(namespace, INTERFACE) as radio:
        for rate, seconds in RATES.items():
            rows += live_rows(namespace, radio, rate, seconds)
    return rows


def live_rows(namespace: Namespace, radio: Radio, rate: int, seconds: int) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="doorman-bench-") as folder:
        cpu, tallies = sensor_on(namespace, radio, Path(folder), rate, seconds)
        peer_cpu = tcpdump_on(namespace, radio, Path(folder), rate, seconds)
    played = rate * seconds
    share, peer_share = 100 * cpu / seconds, 100 * peer_cpu / seconds
    return [
        figure(
            f"capture.cpu.{rate}_a_second",
            unit="% of a core",
            value=share,
            peer="tcpdump -w, same filter",
            peer_value=peer_share,
            goal="below 10" if rate == min(RATES) else "-",
            met=share < 10 if rate == min(RATES) else None,
        ),
        figure(
            f"capture.lost.{rate}_a_second",
            unit="frames",
            value=played - tallies.get("frames", 0),
            peer="played",
            peer_value=played,
            goal="none",
            met=tallies.get("frames", 0) == played and not tallies.get("dropped"),
        ),
    ]


def sensor_on(
    namespace: Namespace, radio: Radio, folder: Path, rate: int, seconds: int
) -> tuple[float, dict[str, int]]:
    environment = {
        **os.environ,
        "DOORMAN_DATA_DIR": str(folder),
        "DOORMAN_SENSOR__INTERFACES": f'["{INTERFACE}"]',
    }
    command = [Path(sys.executable).with_name("doorman"), "sensor"]
    sensor = namespace.start(command, folder / "log", environment)
    wait_for((folder / "sensor-status.json").exists)
    before = cpu_s(sensor.pid)
    play(radio, rate, seconds)
    # The last block of the ring is ours a tenth of a second later.
    time.sleep(1)
    cpu = cpu_s(sensor.pid) - before
    sensor.send_signal(signal.SIGTERM)
    sensor.wait(START_WITHIN_S)
    return cpu, tallies_in(folder)


def tcpdump_on(namespace: Namespace, radio: Radio, folder: Path, rate: int, seconds: int) -> float:
    if not shutil.which("tcpdump"):
        return 0.0
    log = folder / "tcpdump"
    command = ["tcpdump", "-n", "-i", INTERFACE, "-w", "/dev/null", "type mgt subtype probe-req"]
    tcpdump = namespace.start(command, log)
    wait_for(lambda: log.exists() and b"listening" in log.read_bytes())
    before = cpu_s(tcpdump.pid)
    play(radio, rate, seconds)
    cpu = cpu_s(tcpdump.pid) - before
    tcpdump.send_signal(signal.SIGINT)
    tcpdump.wait(START_WITHIN_S)
    return cpu


def play(radio: Radio, rate: int, seconds: int) -> None:
    """In a process of its own: two of this language's threads would wait for each other."""
    player = multiprocessing.get_context("fork").Process(
        target=_play, args=(radio, rate, rate * seconds)
    )
    player.start()
    player.join()


def _play(radio: Radio, rate: int, count: int) -> None:
    frames = itertools.cycle(
        [
            *(
                probe_request(sequence=n, sender=b"\xda\xa1" + n.to_bytes(4, "big"))
                for n in range(4000)
            )
        ]
    )
    others = itertools.cycle(OTHERS)
    begun = time.monotonic()
    done = 0
    while done < count:
        due = min(int((time.monotonic() - begun) * rate) + 1, count)
        for _ in range(done, due):
            radio.play(next(others), next(frames), next(others), next(others))
        done = due
        time.sleep(TICK_S)


def cpu_s(pid: int) -> float:
    """To the nanosecond: tcpdump takes less than a tick of the usual counters."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def tallies_in(folder: Path) -> dict[str, int]:
    settings = Settings(data_dir=folder)
    found: dict[str, int] = {}
    for day in sightings.days_in(settings.sightings_dir):
        with sightings.reading(settings.sightings_dir, day) as connection:
            found.update(connection.execute("SELECT name, value FROM tallies"))
    return found


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("did not start")
        time.sleep(0.05)

"""A simulated week through the sensor, in a process of its own: what memory it takes.

Every frame has an address of its own, as from phones that never keep one, every tenth
looks as none before, some are garbage. So each cache and table is filled as no shop
could fill it.

    python -m tests.bench.sensor_week FRAMES

prints the resident memory after each day, in MiB.
"""

import datetime as dt
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.settings import Settings
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, Frame
from tests.sniffer import octets

OPENING = dt.datetime(2026, 5, 16, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAYS = 7
DAY_US = 86_400_000_000


def week(frames: int, resident: list[float]) -> Iterator[Frame]:
    rng = random.Random(1)
    for number in range(frames):
        at_us = int(OPENING.timestamp()) * 1_000_000 + number * DAYS * DAY_US // frames
        new = octets.element(221, rng.randbytes(9)) if number % 10 == 0 else b""
        sender = bytes((rng.getrandbits(6) << 2 | 2, *rng.randbytes(5)))
        header = octets.radiotap(signal_dbm=-60)
        if number % 100 == 0:
            header = octets.radiotap_header([rng.getrandbits(31)], rng.randbytes(60))
        bare = octets.dot11(octets.ELEMENTS + new, sender=sender, sequence=number % 4096)
        yield Frame(at_us, LINK_RADIOTAP, header + bare)
        if (number + 1) % (frames // DAYS) == 0:
            resident.append(resident_mib())


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / (1 << 20)


def main() -> None:
    resident: list[float] = []
    with tempfile.TemporaryDirectory(prefix="doorman-bench-") as folder:
        of_box(Settings(data_dir=Path(folder))).run(week(int(sys.argv[1]), resident), lambda: False)
    print(*(f"{mib:.1f}" for mib in resident))


if __name__ == "__main__":
    main()

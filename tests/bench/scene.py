"""Whether invented phones are as hard to count as real ones, by the estimate itself.

Mixes of so many phones in one place, 20 minutes each: phones of the scene of the years up
to 2021 beside those of Pintor and Atzori (Computer Networks 2022) in the folder that
DOORMAN_BENCH_DATA names (by default ../shared/data). The error of the one should be like
that of the other; which is lower says nothing.
"""

import os
import random
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from appliance import estimate
from sniffer import capture_file
from sniffer.frames import LINK_RADIOTAP, Frame
from tests.sniffer.scene import lone_phone
from tests.sniffer.scene.reference import SESSION, STATES

COUNTS, DRAWS, WINDOW_S = (5, 10, 15), 15, 900
WITHIN = 2.5
Phones = dict[str, list[list[Frame]]]


def measure() -> list[dict]:
    folder = Path(os.environ.get("DOORMAN_BENCH_DATA", "../shared/data"), "pintor_atzori_2021/pcap")
    if not folder.is_dir():
        sys.stderr.write(f"scene: no captures in {folder} (DOORMAN_BENCH_DATA)\n")
        return []
    invented, real = invented_phones(), real_phones(folder)
    return [row(count, error(invented, count), error(real, count)) for count in COUNTS]


def invented_phones() -> Phones:
    return {
        name: [
            [Frame(each.at_us, LINK_RADIOTAP, each.data) for each in session]
            for state in STATES
            for seed in (1, 2)
            if (session := lone_phone.session(name, state, seed))
        ]
        for name in lone_phone.names()
    }


def real_phones(folder: Path) -> Phones:
    used = [mode for modes in STATES.values() for mode in modes]
    sessions: dict[str, dict[str, list[Frame]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted(folder.glob("*/*.pcap")):
        if (named := SESSION.match(file.stem)) and named["mode"] in used:
            sessions[file.parent.name][named["name"]] += capture_file.read(file)
    return {
        phone: [sorted(each, key=lambda frame: frame.at_us) for each in named.values()]
        for phone, named in sessions.items()
    }


def error(phones: Phones, count: int) -> float:
    """Mean absolute error of the estimated number of devices, in percent."""
    rng = random.Random(count)
    errors = []
    for _ in range(DRAWS):
        mixed = []
        for phone in rng.sample(sorted(phones), count):
            session = rng.choice(phones[phone])
            shift_us = rng.randrange(60_000_000) - session[0].at_us
            mixed += [frame._replace(at_us=frame.at_us + shift_us) for frame in session]
        mixed.sort(key=lambda frame: frame.at_us)
        errors.append(abs(estimate.of(mixed, WINDOW_S).devices - count) / count)
    return 100 * statistics.fmean(errors)


def row(count: int, invented: float, real: float) -> dict:
    return {
        "name": f"scene.estimate_error.{count}_phones",
        "value": round(invented, 1),
        "unit": "%",
        "peer": "the same of real phones",
        "peer_value": round(real, 1),
        "ratio": round(invented / max(real, 0.1), 2),
        "goal": f"within a factor of {WITHIN}",
        "met": real / WITHIN <= invented <= real * WITHIN,
    }

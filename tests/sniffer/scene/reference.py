"""Sums up real captures for the scene to be held against.

    python -m tests.sniffer.scene.reference

Writes `reference.toml` beside this file: numbers alone, nothing of a capture. The captures
are public but not all free to pass on; DOORMAN_BENCH_DATA names their folder (by default
../shared/data), which holds

    pintor_atzori_2021/pcap/<phone>/   22 phones, alone, on three cards (Computer Networks 2022)
    argo_polito_2023/room/             a lecture room, people counted (Comp. Comm. 2024, MIT)
    brno_lab_2022/                     a laboratory on eight days, people counted (MIT)
"""

import csv
import os
import random
import re
import statistics
import struct
import sys
from collections import defaultdict
from pathlib import Path

from sniffer import capture_file, frames
from tests.sniffer.scene import behaviour
from tests.sniffer.scene.behaviour import Heard

TARGET = Path(__file__).with_name("reference.toml")
Session = tuple[str, str, str]
SESSION = re.compile(r"(?P<name>.+)-mode(?P<mode>[A-Z]+)(?:_new)?-ch-\d+")
# Screen on or off; sessions with Wi-Fi switched off in the settings are left out.
STATES = {"on": ("A", "PA"), "off": ("S", "PS")}
LEAST_FRAMES = 20
QUANTILES = (10, 25, 50, 75, 90)
MIXES, DRAWS = (5, 10, 15, 22), 30


def main() -> None:
    folder = Path(os.environ.get("DOORMAN_BENCH_DATA", "../shared/data"))
    if not folder.is_dir():
        sys.exit(f"no captures in {folder} (DOORMAN_BENCH_DATA)")
    phones = single_phones(folder / "pintor_atzori_2021/pcap")
    lines = ["# How phones behave in real captures; tests/sniffer/scene/reference.py wrote it."]
    for state, modes in STATES.items():
        sessions = [session for (_, mode, _), session in phones.items() if mode in modes]
        rows = [behaviour.of_phone(session) for session in sessions if len(session) > LEAST_FRAMES]
        lines += ["", "# Pintor and Atzori 2021, quantiles of sessions: " + percents()]
        lines += [f"[phone.{state}]", f"sessions = {len(rows)}", *quantiles(rows)]
    lines += ["", "# ARGO 2023, ten windows of two minutes: " + percents(), "[room]"]
    lines += quantiles(list(rooms(folder / "argo_polito_2023/room")))
    lines += ["", "# Brno 2022, eight days of a laboratory: " + percents(), "[lab]"]
    lines += quantiles(list(labs(folder / "brno_lab_2022")))
    lines += ["", "# Mixes of so many of the 22 phones, counted by what hangs together: mean"]
    lines += ["# absolute error of 30 draws, in percent.", "[mix]"]
    lines += [f"{count} = {mix_error(phones, count):.1f}" for count in MIXES]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


def single_phones(folder: Path) -> dict[Session, list[Heard]]:
    """Sessions by phone, mode and file name, what all cards heard by time."""
    sessions: dict[Session, list[Heard]] = defaultdict(list)
    for file in sorted(folder.glob("*/*.pcap")):
        if named := SESSION.match(file.stem):
            sessions[file.parent.name, named["mode"], named["name"]] += read(file)
    return {key: sorted(session) for key, session in sessions.items()}


def rooms(folder: Path):
    people = re.findall(r"(\d+) -> \d+", (folder / "Results_1.txt").read_text("utf-8"))
    for file, count in zip(sorted(folder.glob("*.pcap")), map(int, people), strict=True):
        heard = sorted(read(file))
        minutes = (heard[-1].at_s - heard[0].at_s) / 60
        yield behaviour.of_crowd(heard, count, minutes)


def labs(folder: Path):
    for file in sorted(folder.glob("*.pcap")):
        heard = sorted(read(file))
        with file.with_suffix(".occupancy.csv").open(newline="") as table:
            people = [int(row["people_in_the_room"]) for row in csv.DictReader(table)]
        minutes = (heard[-1].at_s - heard[0].at_s) / 60
        yield behaviour.of_crowd(heard, statistics.fmean(people), minutes)


def read(file: Path) -> list[Heard]:
    found = []
    for frame in capture_file.read(file):
        request = frames.decode(frame.data, frame.link_type, missing=frame.missing)
        if isinstance(request, frames.ProbeRequest):
            found.append(heard(frame.at_us, frame.data, request))
    return found


def heard(at_us: int, data: bytes, request: frames.ProbeRequest) -> Heard:
    """What the decoder says, and whether the frame asks for a network by name."""
    (header,) = struct.unpack_from("<H", data, 2)
    ssid_length = data[header + 25]
    return Heard(
        at_s=at_us / 1e6,
        sender=request.sender.octets,
        is_randomised=request.sender.is_randomised,
        sequence=request.sequence,
        fingerprint=request.fingerprint,
        signal_dbm=request.signal_dbm,
        names_network=ssid_length > 0,
    )


def mix_error(phones: dict[Session, list[Heard]], count: int) -> float:
    """In percent. Each phone in one of its sessions, all begun within a minute."""
    rng = random.Random(count)
    by_phone = defaultdict(list)
    for (phone, _, _), session in sorted(phones.items()):
        by_phone[phone].append(session)
    errors = []
    for _ in range(DRAWS):
        chosen = [rng.choice(by_phone[phone]) for phone in rng.sample(sorted(by_phone), count)]
        found = behaviour.devices_counted([each for session in chosen for each in session])
        errors.append(abs(found - count) / count)
    return 100 * statistics.fmean(errors)


def quantiles(rows: list[dict[str, float]]) -> list[str]:
    lines = []
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row[name] for row in rows if name in row]
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        lines.append(f"{name} = [{', '.join(f'{cuts[each - 1]:.3f}' for each in QUANTILES)}]")
    return lines


def percents() -> str:
    return ", ".join(f"{each} %" for each in QUANTILES)


if __name__ == "__main__":
    main()

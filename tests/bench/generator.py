"""Crowds as the generator of Rusca et al. (2023) makes them, from its own data base.

Written anew from what its two tables and its description say: a market of nine models, each
with its lengths of bursts and its pauses while locked, awake or in use; phones go from one
to another of these at random, and take a new address for each burst. One phone in nine
sends an element of its own.
"""

import json
import random
import struct
from pathlib import Path

from sniffer.frames import LINK_80211, Frame

_MARKET = (0.200, 0.030, 0.050, 0.090, 0.045, 0.266, 0.097, 0.188, 0.034)
_LOCKED, _AWAKE, _IN_USE = range(3)
_STAYS_S = {_LOCKED: 300, _AWAKE: 30, _IN_USE: 180}
_OF_ITS_OWN = 0.11
_RATES = b"\x01\x04\x02\x04\x0b\x16\x32\x08\x0c\x12\x16\x24\x30\x48\x60\x6c\x03\x01\x01"
_BEGINS_S = 1_700_000_000


def crowd(data_base: Path, phones: int, minutes: float, seed: int) -> tuple[list[Frame], int]:
    """The frames of a crowd that stays, and how many phones of it were heard."""
    models = json.loads((data_base / "general_features.json").read_text("utf-8"))
    pauses = {
        (row["device_name"], row["phase"]): row
        for row in json.loads((data_base / "time_features.json").read_text("utf-8"))
    }
    rng = random.Random(seed)
    heard = 0
    frames: list[Frame] = []
    for model in rng.choices(models[: len(_MARKET)], _MARKET, k=phones):
        sent = list(_sent(rng, model, pauses, 60 * minutes))
        heard += bool(sent)
        frames += sent
    return sorted(frames, key=lambda frame: frame.at_us), heard


def _sent(rng: random.Random, model: dict, pauses: dict, ends_s: float):
    elements = _elements(model)
    if rng.random() < _OF_ITS_OWN:
        elements += b"\xdd\x04" + rng.randbytes(4)
    factory = b"\x00\x11" + rng.randbytes(4)
    lengths = dict(pair.split(":") for pair in model["burst_length"].split("/"))
    at_s, phase = 0.0, _LOCKED
    while at_s < ends_s:
        phase_ends_s = min(at_s + rng.expovariate(1 / _STAYS_S[phase]), ends_s)
        row = pauses.get((model["device_name"], phase))
        while row and at_s < phase_ends_s:
            made_up = bytes([rng.randrange(64) << 2 | 2]) + rng.randbytes(5)
            sender = made_up if model["use_randomization"] else factory
            number, apart_s = rng.randrange(4000), _drawn(rng, row["time_between_packets_in_burst"])
            for nth in range(int(_drawn(rng, lengths))):
                frame_s = at_s + nth * apart_s
                if frame_s < phase_ends_s:
                    yield _frame(frame_s, sender, number + nth, elements)
            at_s += nth * apart_s + _drawn(rng, row["time_between_different_bursts"])
        at_s = phase_ends_s
        phase = _next(rng, phase)


def _next(rng: random.Random, phase: int) -> int:
    if phase == _LOCKED:
        return _AWAKE if rng.random() < 0.2 else _IN_USE
    return _LOCKED if phase == _IN_USE or rng.random() < 0.9 else _IN_USE


def _drawn(rng: random.Random, chances: dict) -> float:
    return float(rng.choices(list(chances), [float(chance) for chance in chances.values()])[0])


def _elements(model: dict) -> bytes:
    high_throughput = _octets(model["HT_capabilities"]) + b"\xff\xff" + bytes(22)
    found = b"\x2d" + bytes([len(high_throughput)]) + high_throughput
    for tag, name in ((191, "VHT_capabilities"), (127, "extended_capabilities")):
        if model[name] != "?":
            found += bytes([tag, len(_octets(model[name]))]) + _octets(model[name])
    vendor = "Broadcom" if model["use_randomization"] else model["vendor"]
    return found + b"\xdd\x07" + vendor.encode()[:3] + bytes(4)


def _octets(written: str) -> bytes:
    return bytes.fromhex(written.strip().replace("x", "")) if written != "?" else b""


def _frame(at_s: float, sender: bytes, number: int, elements: bytes) -> Frame:
    header = b"\x40\0\0\0" + b"\xff" * 6 + sender + b"\xff" * 6 + struct.pack("<H", number << 4)
    at_us = round((_BEGINS_S + at_s) * 1_000_000)
    return Frame(at_us, LINK_80211, header + b"\0\0" + _RATES + elements)

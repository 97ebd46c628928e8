"""Of how many bursts a radio hears something, by its plan: beside three radios on 1, 6 and 11.

Single phones of Pintor and Atzori (Computer Networks 2022), recorded on the three channels at
once, in the folder that DOORMAN_BENCH_DATA names (by default ../shared/data). Every phone counts
the same. Frames have to be 3 s apart to belong to two bursts.
"""

import os
import random
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from sniffer.frames import Frame, ProbeRequest, decode
from sniffer.radio.channels import Channel
from sniffer.radio.plans import Heard, Plan, Turn
from tests.bench.accuracy import single_phones
from tests.bench.figure import figure

APART_S = 3
STARTS = 5
PLANS = (
    *(("fixed 1", 10), ("fixed 6", 10), ("fixed 11", 10)),
    *(("slow 1 6 11", 0.2), ("slow 1 6 11", 2), ("slow 1 6 11", 10), ("slow 1 6 11", 60)),
    ("weighted 1 6 11", 10),
)
Burst = list[tuple[float, Channel]]


def measure() -> list[dict]:
    folder = Path(os.environ.get("DOORMAN_BENCH_DATA", "../shared/data"), "pintor_atzori_2021/pcap")
    if not folder.is_dir():
        sys.stderr.write(f"hopping: no captures in {folder} (DOORMAN_BENCH_DATA)\n")
        return []
    phones = {
        phone: [bursts(session) for session in sessions]
        for phone, sessions in single_phones(folder).items()
    }
    return [row(written, stay_s, phones) for written, stay_s in PLANS]


def row(written: str, stay_s: float, phones: dict[str, list[list[Burst]]]) -> dict:
    plan = Plan.read(written, stay_s)
    return figure(
        f"bursts_heard, {written}" + (f", {stay_s} s" if plan.hops else ""),
        unit="%",
        value=100 * share(phones, plan),
        peer="three radios",
        peer_value=100,
        goal="",
        met=None,
    )


def bursts(session: list[Frame]) -> list[Burst]:
    """By time: what was sent and on which channel."""
    found: list[Burst] = []
    for frame in session:
        request = decode(frame.data, frame.link_type)
        if isinstance(request, ProbeRequest) and request.frequency_mhz:
            at = frame.at_us / 1e6
            if not found or at - found[-1][-1][0] > APART_S:
                found.append([])
            found[-1].append((at, Channel(request.frequency_mhz)))
    return found


def share(phones: dict[str, list[list[Burst]]], plan: Plan) -> float:
    """Of each phone's bursts, heard by one radio with that plan; the mean of all phones."""
    rng = random.Random(1)
    of_phones = []
    for sessions in phones.values():
        heard = []
        for session in filter(None, sessions):
            for _ in range(STARTS if plan.hops else 1):
                radio = Radio(plan, session[0][0][0] - rng.uniform(0, 3 * plan.stay_s))
                heard += [sum(radio.hears(*sent) for sent in burst) > 0 for burst in session]
        of_phones.append(statistics.fmean(heard))
    return statistics.fmean(of_phones)


class Radio:
    """Listens by its plan from a moment on."""

    def __init__(self, plan: Plan, start_s: float) -> None:
        self._plan = plan
        self._turns: Iterator[Turn] = iter(())
        self._heard: dict[Channel, Heard] = {}
        self._until_s = start_s
        self._move()

    def hears(self, at_s: float, channel: Channel) -> bool:
        while at_s >= self._until_s:
            self._count(seconds=self._turn.seconds)
            self._move()
        if channel != self._turn.channel:
            return False
        self._count(frames=1)
        return True

    def _move(self) -> None:
        self._turn = next(self._turns, None) or next(self._next_round())
        self._until_s += self._turn.seconds

    def _next_round(self) -> Iterator[Turn]:
        self._turns = iter(self._plan.turns(self._heard))
        return self._turns

    def _count(self, frames: float = 0, seconds: float = 0) -> None:
        self._heard = {each: known.faded(seconds) for each, known in self._heard.items()}
        known = self._heard.get(self._turn.channel, Heard())
        self._heard[self._turn.channel] = known.with_more(frames, seconds)

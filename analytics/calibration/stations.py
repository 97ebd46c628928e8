"""Knows the phone of a guided walk among all others, and how loud it was where. No pandas.

The walker's phone has its Wi-Fi settings open, so it looks for networks every few seconds, at
each station for a minute; then its Wi-Fi is off for a minute. A phone that was heard all the
time and then not at all is the one. What it sends is followed through those four minutes and
no longer, and nothing of it but levels leaves this module.

    pavement |.|.|.|.|.|.|   door |.|.|.|.|.|.|   back |.|.|.|.|.|.|   off | | | | | | |
              slots of ten seconds in which it was heard

A mark is what sightings of one phone share: an address, if it keeps one, else the fingerprint,
which phones of its model share, too.
"""

import collections
import dataclasses
import datetime as dt
import enum
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from core import sightings
from core.models.walk import Station

STATION_S = 60
SLOT_S = 10
SLOTS = STATION_S // SLOT_S
STATIONS = (Station.PAVEMENT, Station.DOOR, Station.BACK)

# Settings that are open make a phone look around every ten seconds or oftener; but not each
# burst is heard, nor do all bursts of a phone look alike.
_HEARD_SLOTS = 3
# Of others that look alike, one may be heard while the phone is silent.
_SILENT_SHARE = 1 / 3
# A second phone that is heard nearly as often cannot be told from the first.
_AS_OFTEN = 0.75
# The two looks of one phone are as loud as each other, give or take.
_BESIDE_DB = 6
# As the figures do, of what is heard within a second the strongest counts.
_BURST_US = 1_000_000
_LOOK = -1
_SMOOTHED = 5

_QUERY = (
    "SELECT heard_at_us, address, fingerprint, signal_dbm FROM sightings"
    " WHERE heard_at_us >= ? AND heard_at_us < ? AND signal_dbm IS NOT NULL ORDER BY heard_at_us"
)


class Heard(NamedTuple):
    at_us: int
    address: int
    fingerprint: int
    signal_dbm: int


class Trouble(enum.StrEnum):
    """Why no phone is known."""

    NOT_HEARD = "not_heard"
    """At one station no phone was heard often enough that was so at the others."""
    NOT_SILENT = "not_silent"
    """Whatever was heard often was so with Wi-Fi off, too."""
    ALIKE = "alike"
    """Several phones did all of it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Level:
    """How loud a phone was at one station, smoothed as a visit's signal is."""

    median_dbm: int
    low_dbm: int
    """A tenth was weaker."""
    high_dbm: int
    """A tenth was stronger."""


@dataclasses.dataclass(frozen=True, slots=True)
class Recognised:
    levels: Mapping[Station, Level]
    trouble: Trouble | None = None
    at: Station | None = None
    """Where it went wrong."""


@dataclasses.dataclass(frozen=True, slots=True)
class Live:
    """What a running station has heard of phones that are heard often."""

    slots: tuple[int | None, ...]
    """The level of each slot that is over or has begun, of the likeliest phone."""
    phones: int
    """That may be it: none, one, or more."""


_Mark = tuple[str, int]
_ByMark = Mapping[_Mark, Sequence[Heard]]


def hear(folder: Path, day: dt.date, begin: dt.datetime, end: dt.datetime) -> list[Heard]:
    """What was heard in a part of a day; nothing if there is no day file.

    Raises:
        sqlite3.DatabaseError: it cannot be read now.
    """
    bounds = [int(each.timestamp() * 1e6) for each in (begin, end)]
    try:
        with sightings.reading(folder, day) as connection:
            return [Heard(*row) for row in connection.execute(_QUERY, bounds)]
    except FileNotFoundError:
        return []


def recognise(heard: Mapping[Station, Sequence[Heard]]) -> Recognised:
    """Which phone it was at all stations that have been, and its levels there.

    Args:
        heard: of the stations that are over; the walk is whole once OFF is among them.
    """
    marks = {station: _by_mark(each) for station, each in heard.items()}
    walked = [station for station in STATIONS if station in marks]
    slots = _slots({station: marks[station] for station in walked})
    for station in walked:
        if not any(_is_often(each[: walked.index(station) + 1]) for each in slots.values()):
            return Recognised({}, Trouble.NOT_HEARD, station)
    likely = {mark: sum(each) for mark, each in slots.items() if _is_often(each)}
    if Station.OFF in marks:
        silence = _slots({Station.OFF: marks[Station.OFF]})
        likely = {
            mark: count
            for mark, count in likely.items()
            if silence.get(mark, (0,))[0] <= max(1, min(slots[mark]) * _SILENT_SHARE)
        }
        if not likely:
            return Recognised({}, Trouble.NOT_SILENT, Station.OFF)
    found = [
        {station: _level(marks[station][phone]) for station in walked}
        for phone in _phones(likely, marks)
    ]
    if not all(_is_beside(found[0], other) for other in found[1:]):
        return Recognised({}, Trouble.ALIKE)
    return Recognised(found[0])


def listen(
    before: Mapping[Station, Sequence[Heard]], heard: Sequence[Heard], begun_us: int, now_us: int
) -> Live:
    """What a running station has heard so far.

    Args:
        before: of the stations that are over: a phone that was not heard there is not it.
        heard: of the running one.
        begun_us: when it began.
        now_us: until when it is.
    """
    begun = min(max((now_us - begun_us) // (SLOT_S * 1_000_000) + 1, 0), SLOTS)
    earlier = _slots({station: _by_mark(each) for station, each in before.items()})
    marks = _by_mark(heard)
    likely = {
        mark: len(_slot_numbers(each, begun_us))
        for mark, each in marks.items()
        if 2 * len(_slot_numbers(each, begun_us)) >= begun
        and (not before or _is_often(earlier.get(mark, (0,))))
    }
    phones = _phones(likely, {Station.DOOR: marks}) if likely else []
    if not phones:
        return Live((None,) * begun, 0)
    of_slot = collections.defaultdict(list)
    for each in _bursts(marks[phones[0]]):
        of_slot[(each.at_us - begun_us) // (SLOT_S * 1_000_000)].append(each.signal_dbm)
    levels = (of_slot.get(number) for number in range(begun))
    return Live(
        tuple(round(statistics.median(each)) if each else None for each in levels), len(phones)
    )


def _by_mark(heard: Iterable[Heard]) -> _ByMark:
    found = collections.defaultdict(list)
    for each in heard:
        found["address", each.address].append(each)
        found["fingerprint", each.fingerprint].append(each)
    return found


def _slots(marks: Mapping[Station, _ByMark]) -> dict[_Mark, tuple[int, ...]]:
    """In how many slots of each station each mark was heard."""
    every = set().union(*marks.values())
    return {
        mark: tuple(len(_slot_numbers(of.get(mark, ()))) for of in marks.values()) for mark in every
    }


def _slot_numbers(heard: Sequence[Heard], begun_us: int = 0) -> set[int]:
    return {(each.at_us - begun_us) // (SLOT_S * 1_000_000) for each in heard}


def _is_often(slots: Sequence[int]) -> bool:
    return min(slots) >= _HEARD_SLOTS


def _phones(likely: Mapping[_Mark, int], marks: Mapping[Station, _ByMark]) -> list[_Mark]:
    """A mark each of the phones heard most often: of one phone's marks, the narrowest."""
    most = max(likely.values())
    rest = [mark for mark, count in likely.items() if count >= _AS_OFTEN * most]
    # An address is one phone's alone; then, what is heard oftener.
    rest.sort(key=lambda mark: (mark[0] == "fingerprint", -likely[mark]))
    phones: list[_Mark] = []
    taken: set[tuple[int, int]] = set()
    for mark in rest:
        sightings_of = [each for of in marks.values() for each in of.get(mark, ())]
        own = {(each.at_us, each.address) for each in sightings_of}
        own |= {(_LOOK, each.fingerprint) for each in sightings_of}
        if not own & taken:
            phones.append(mark)
        taken |= own
    return phones


def _is_beside(one: Mapping[Station, Level], other: Mapping[Station, Level]) -> bool:
    """Whether two were in the same place all the time: one phone, or one walker's two."""
    return all(abs(one[at].median_dbm - other[at].median_dbm) <= _BESIDE_DB for at in one)


def _bursts(heard: Sequence[Heard]) -> Iterator[Heard]:
    """The strongest sighting of each burst."""
    burst: list[Heard] = []
    for each in heard:
        if burst and each.at_us - burst[-1].at_us > _BURST_US:
            yield max(burst, key=lambda one: one.signal_dbm)
            burst = []
        burst.append(each)
    if burst:
        yield max(burst, key=lambda one: one.signal_dbm)


def _level(heard: Sequence[Heard]) -> Level:
    signal = [each.signal_dbm for each in _bursts(heard)]
    half = _SMOOTHED // 2
    padded = [signal[0]] * half + signal + [signal[-1]] * half
    smoothed = [statistics.median(padded[at : at + _SMOOTHED]) for at in range(len(signal))]
    low, high = _tenths(smoothed)
    return Level(round(statistics.median(smoothed)), round(low), round(high))


def _tenths(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:  # noqa: PLR2004 - the least that has quantiles
        return values[0], values[0]
    cuts = statistics.quantiles(values, n=10, method="inclusive")
    return cuts[0], cuts[-1]

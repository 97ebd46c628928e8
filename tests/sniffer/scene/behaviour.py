"""Sums up how phones behave in a capture, the same way for real and for invented ones."""

import itertools
import statistics
from typing import NamedTuple

# A burst goes over all channels in less than this; the next begins later.
BETWEEN_BURSTS_S = 2.0
SAME_FRAME_S = 1.0
# A sequence number goes on if the next address begins so few numbers later.
GOES_ON = range(1, 201)
LEAST_CHANGES = 5


class Heard(NamedTuple):
    at_s: float
    sender: bytes
    is_randomised: bool
    sequence: int
    fingerprint: bytes
    signal_dbm: int
    names_network: bool


def of_phone(heard: list[Heard]) -> dict[str, float]:
    """One phone alone, recorded for some minutes."""
    once = without_repeats(heard)
    minutes = max((once[-1].at_s - once[0].at_s) / 60, 1)
    bursts = bursts_of(once)
    lives = lives_s(once)
    found = {
        "bursts_per_min": len(bursts) / minutes,
        "frames_per_burst": statistics.median(map(len, bursts)),
        "addresses_per_min": len({each.sender for each in once}) / minutes,
        "fingerprints": len({each.fingerprint for each in once}),
        "factory_share": share(not each.is_randomised for each in once),
        "named_share": share(each.names_network for each in once),
        "signal_sd_db": statistics.pstdev(each.signal_dbm for each in heard),
        "times_heard": len(heard) / len(once),
    }
    if lives:
        found["address_life_s"] = statistics.median(lives)
    changes = [pair for pair in itertools.pairwise(once) if pair[0].sender != pair[1].sender]
    if len(changes) >= LEAST_CHANGES:
        found["goes_on"] = share((b.sequence - a.sequence) % 4096 in GOES_ON for a, b in changes)
    return found


def of_crowd(heard: list[Heard], people: float, minutes: float) -> dict[str, float]:
    """A room with so many people, by one card."""
    once = without_repeats(heard)
    senders = {each.sender: each.is_randomised for each in once}
    lives = sorted(lives_s(once))
    return {
        "frames_per_person_min": len(once) / people / minutes,
        "addresses_per_person_min": len(senders) / people / minutes,
        "frames_per_address": len(once) / len(senders),
        "address_life_median_s": statistics.median(lives),
        "address_life_90_percent_s": lives[int(0.9 * len(lives))],
        "fingerprints_per_person": len({each.fingerprint for each in once}) / people,
        "factory_address_share": share(not randomised for randomised in senders.values()),
        "factory_frame_share": share(not each.is_randomised for each in once),
        "named_share": share(each.names_network for each in once),
        "signal_sd_db": statistics.pstdev(each.signal_dbm for each in once),
    }


def without_repeats(heard: list[Heard]) -> list[Heard]:
    """Each frame once, however many cards heard it."""
    last: dict[tuple[bytes, int], float] = {}
    once = []
    for each in heard:
        frame = each.sender, each.sequence
        if each.at_s - last.get(frame, -SAME_FRAME_S) >= SAME_FRAME_S:
            once.append(each)
        last[frame] = each.at_s
    return once


def bursts_of(once: list[Heard]) -> list[list[Heard]]:
    bursts = [[once[0]]]
    for before, each in itertools.pairwise(once):
        if each.at_s - before.at_s > BETWEEN_BURSTS_S:
            bursts.append([])
        bursts[-1].append(each)
    return bursts


def lives_s(once: list[Heard]) -> list[float]:
    """How long each made-up address was heard."""
    spans: dict[bytes, tuple[float, float]] = {}
    for each in once:
        if each.is_randomised:
            spans[each.sender] = spans.get(each.sender, (each.at_s,))[0], each.at_s
    return [last - first for first, last in spans.values()]


def share(claims) -> float:
    return statistics.fmean(claims)


def devices_counted(heard: list[Heard]) -> int:
    """By the plainest way that is any good: what shares an address or a look is one device."""
    parent: dict[bytes, bytes] = {}

    def root(key: bytes) -> bytes:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for sender, look in {(b"address" + each.sender, b"look" + each.fingerprint) for each in heard}:
        parent[root(sender)] = root(look)
    return len({root(key) for key in list(parent)})

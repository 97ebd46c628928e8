"""Compares what two sides hold without sending it: counts and digests of ranges of keys.

Both sides put each thing as a key and a value, in order of the keys; ranges are half-open and
lie end to end, so that whatever only one side has falls into one of them.

    members   ULID -> the version of the newest news of them
    days      ISO date -> when the day's figures were closed
"""

import bisect
import dataclasses
import datetime as dt
import enum
import hashlib
import itertools
from collections.abc import Iterable, Sequence

ERASED = "erased"
"""Stands for the version of who was to be forgotten. Not part of a count or digest."""

# After every ULID and every date.
_END = "~"
_DIGEST_BYTES = 16


class Kind(enum.StrEnum):
    MEMBERS = "members"
    DAYS = "days"


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """One thing that a side holds."""

    key: str
    value: str


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """What one side holds of the keys from `since` up to but not `until`."""

    since: str
    until: str
    count: int
    digest: str


def ranges(held: Sequence[Held], starts: Iterable[str]) -> list[Range]:
    """What is held, cut where `starts` say; `held` and `starts` are in order."""
    keys = [each.key for each in held]
    return [
        summed(since, until, _within(held, keys, since, until))
        for since, until in itertools.pairwise(["", *starts, _END])
    ]


def summed(since: str, until: str, within: Sequence[Held]) -> Range:
    text = "".join(f"{each.key} {each.value}\n" for each in within)
    digest = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return Range(since, until, len(within), digest)


def differing(asked: Sequence[Range], held: Sequence[Held]) -> list[int]:
    """Which of the ranges asked about are not as here, by their places; `held` is in order."""
    keys = [each.key for each in held]
    return [
        place
        for place, each in enumerate(asked)
        if each != summed(each.since, each.until, _within(held, keys, each.since, each.until))
    ]


def _within(held: Sequence[Held], keys: Sequence[str], since: str, until: str) -> Sequence[Held]:
    return held[bisect.bisect_left(keys, since) : bisect.bisect_left(keys, until)]


def moment(value: dt.datetime) -> str:
    """The value of a closed day."""
    return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

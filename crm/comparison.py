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
import re
from collections.abc import Iterable, Sequence

ERASED = "erased"
"""Stands for the version of who was to be forgotten. Not part of a count or digest."""
_MERGED = "merged "
"""Before the id of whom somebody was merged into. Not part of a count or digest either."""

# Of an answer that is not of this form nothing is believed. A version has to fit its column.
_MEMBER = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_VERSION = re.compile(r"0|[1-9][0-9]{0,8}")

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


def merged(into: str) -> str:
    """Stands for the version of who turned out to be `into`."""
    return f"{_MERGED}{into}"


def merged_into(value: str | None) -> str | None:
    return value.removeprefix(_MERGED) if value and value.startswith(_MERGED) else None


def is_gone(value: str) -> bool:
    """Whether a value tells that a side had somebody, and has them no longer."""
    return value == ERASED or merged_into(value) is not None


def is_sound(kind: Kind, key: object, value: object) -> bool:
    """Whether somebody else's key and value are of the form that this kind has."""
    if not (isinstance(key, str) and isinstance(value, str)):
        return False
    if kind is Kind.MEMBERS:
        into = merged_into(value)
        said = _MEMBER.fullmatch(into) if into is not None else _VERSION.fullmatch(value)
        return bool(_MEMBER.fullmatch(key) and (said or value == ERASED))
    try:
        dt.datetime.fromisoformat(value)
        return dt.date.fromisoformat(key).isoformat() == key
    except ValueError:
        return False


def ranges(held: Sequence[Held], starts: Iterable[str]) -> list[Range]:
    """What is held, cut where `starts` say; `held` and `starts` are in order."""
    keys = [each.key for each in held]
    return [
        summed(since, until, within(held, keys, since, until))
        for since, until in itertools.pairwise(["", *starts, _END])
    ]


def summed(since: str, until: str, found: Sequence[Held]) -> Range:
    text = "".join(f"{each.key} {each.value}\n" for each in found)
    digest = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return Range(since, until, len(found), digest)


def differing(asked: Sequence[Range], held: Sequence[Held]) -> list[int]:
    """Which of the ranges asked about are not as here, by their places; `held` is in order."""
    keys = [each.key for each in held]
    return [
        place
        for place, each in enumerate(asked)
        if each != summed(each.since, each.until, within(held, keys, each.since, each.until))
    ]


def within(held: Sequence[Held], keys: Sequence[str], since: str, until: str) -> Sequence[Held]:
    """What is held of a range; `held` is in order, and `keys` are its keys."""
    return held[bisect.bisect_left(keys, since) : bisect.bisect_left(keys, until)]


def moment(value: dt.datetime) -> str:
    """The value of a closed day."""
    return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

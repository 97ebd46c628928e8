"""What files of backups are called, and which of them are due to go.

doorman-store-1-20261122T180300Z-data.age
        the store, the moment (UTC), what is in it
"""

import dataclasses
import datetime as dt
import enum
import re
from collections.abc import Iterable
from typing import Self

_MOMENT = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"doorman-([a-z0-9-]+)-([0-9]{8}T[0-9]{6}Z)-(data|keys|undone)\.age")


class Kind(enum.StrEnum):
    DATA = "data"
    KEYS = "keys"
    UNDONE = "undone"
    """What shoppers have undone since (`backup.undone`)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Name:
    store: str
    at: dt.datetime
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None: some other file."""
        found = _NAME.fullmatch(text)
        if found is None:
            return None
        try:
            at = dt.datetime.strptime(found[2], _MOMENT).replace(tzinfo=dt.UTC)
        except ValueError:
            return None
        return cls(found[1], at, Kind(found[3]))

    def __str__(self) -> str:
        return (
            f"doorman-{self.store}-{self.at.astimezone(dt.UTC).strftime(_MOMENT)}-{self.kind}.age"
        )


def of_store(texts: Iterable[str], store: str) -> list[Name]:
    """Those of this store, the oldest first."""
    names = (Name.parse(text) for text in texts)
    return sorted(
        (name for name in names if name is not None and name.store == store),
        key=lambda name: (name.at, name.kind),
    )


def due(names: Iterable[Name], daily: int, weekly: int) -> list[Name]:
    """Which may go: of each kind all but the newest of `daily` days and of `weekly` weeks.

    Days and weeks that have none do not count, so a box that was off for a month keeps what it
    has. With 0 days none may go.
    """
    if not daily:
        return []
    names = list(names)
    gone = []
    for kind in Kind:
        of_kind = sorted((name for name in names if name.kind is kind), key=lambda name: name.at)
        by_day = {name.at.date(): name for name in of_kind}
        by_week = {name.at.isocalendar()[:2]: name for name in of_kind}
        weeks = list(by_week.values())[-weekly:] if weekly else []
        kept = {*list(by_day.values())[-daily:], *weeks}
        gone += [name for name in of_kind if name not in kept]
    return gone


def last_removed(at: dt.datetime, daily: int, weekly: int) -> dt.date | None:
    """When the last backup of `at` or before goes, if one is made each day; None: never.

    By dates of UTC, as in the names.
    """
    if not daily:
        return None
    day = at.astimezone(dt.UTC).date()
    monday = day - dt.timedelta(days=day.weekday())
    return max(day + dt.timedelta(days=daily), monday + dt.timedelta(weeks=weekly))

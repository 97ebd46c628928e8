"""Hears from the CRM who wants no marketing any more: who has unsubscribed there.

The CRM is asked page by page, so many pages a turn, from where the turn before ended. What it says
can only end a consent to marketing: it is no way to give one, nor to end another.
"""

import dataclasses
import datetime as dt
import enum
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from crm.records import Record, Records

_KIND, _PLACE = "withdrawn", "place"
# "" would leave what is remembered.
_START = "-"
# With those of a connector, this many members a turn at most.
_MOST_PAGES = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Withdrawn:
    """A member who wants no marketing, as the CRM has it."""

    member: str
    """Their public id."""
    at: dt.datetime | None
    """When they said so; None if the CRM does not know."""


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Withdrawn]
    after: str
    """From where to ask next; "" is from the beginning."""
    is_last: bool
    """Whether there is nothing after it for now."""


class Feed(Protocol):
    """A CRM that can be asked."""

    def page(self, after: str) -> Page:
        """Who has withdrawn; CrmError if it does not say."""

    def close(self) -> None:
        """End its connections."""


class Heeded(enum.StrEnum):
    """What came of one row."""

    WITHDRAWN = "withdrawn"
    KNOWN = "known"
    """There was no consent to end, or a newer one."""
    UNKNOWN = "unknown"
    """Nobody here is called so: another store's, or gone."""


def hear(feed: Feed, records: Records, heed: Callable[[Withdrawn], Heeded]) -> "Counter[Heeded]":
    """One turn. A row that was heeded and not written down is told again, and changes nothing.

    Raises:
        CrmError: the CRM does not say; what was heard before is heeded.
    """
    found: Counter[Heeded] = Counter()
    known = records.find(_KIND, [_PLACE]).get(_PLACE)
    after = known.remote_id if known and known.remote_id != _START else ""
    for _ in range(_MOST_PAGES):
        page = feed.page(after)
        found.update(heed(row) for row in page.rows)
        after = page.after
        records.write(_KIND, [Record(_PLACE, after or _START)])
        if page.is_last:
            break
    return found

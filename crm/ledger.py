"""Writes down how events fared. Only waiting events change, so nothing is ever unsent."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import long_lists
from core.long_lists import filled
from core.models.outbox_event import OutboxEvent, OutboxState

# Shorter runs of ids are named one by one: a condition costs more than an id.
_SHORTEST_RUN = 8


class Row(Protocol):
    @property
    def id(self) -> int: ...


def sent(session: Session, rows: Iterable[Row], now: dt.datetime) -> None:
    """The CRM has them. What they said is forgotten here."""
    _change(session, rows, state=OutboxState.SENT, sealed_data=b"", sent_at=now, last_error="")


def parked(session: Session, rows: Iterable[Row], reason: str) -> None:
    """The CRM will never take them. They stay as they are for a person to look at."""
    _change(session, rows, state=OutboxState.PARKED, last_error=reason)


def postponed(session: Session, rows: Iterable[Row], reason: str, until: dt.datetime) -> None:
    _change(session, rows, next_attempt_at=until, last_error=reason)


def _change(session: Session, rows: Iterable[Row], **values: Any) -> None:
    ids = sorted(row.id for row in rows)
    if not ids:
        return
    session.execute(
        sa.update(OutboxEvent)
        .where(_among(ids), OutboxEvent.state == OutboxState.WAITING)
        .values(attempts=OutboxEvent.attempts + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _among(ids: list[int]) -> sa.ColumnElement[bool]:
    """Most follow each other without a gap: a database finds a run at once, ids one by one."""
    single: list[int] = []
    wanted: list[sa.ColumnElement[bool]] = []
    for first, last in _runs(ids):
        if last - first < _SHORTEST_RUN:
            single.extend(range(first, last + 1))
        else:
            wanted.append(OutboxEvent.id.between(first, last))
    wanted += [OutboxEvent.id.in_(filled(some)) for some in long_lists.cut(single)]
    return sa.or_(*wanted)


def _runs(ids: list[int]) -> Iterator[tuple[int, int]]:
    first = last = ids[0]
    for each in ids[1:]:
        if each != last + 1:
            yield first, last
            first = each
        last = each
    yield first, last

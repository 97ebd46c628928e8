"""Counting people at the door: by hand, one by one, or by a door counter's file. No Flask."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from analytics.calibration import counter_file, thresholds
from analytics.calibration.counter_file import BadLine
from core.database import Database
from core.models.counting_session import CountingPage, CountingSession, CountSource
from core.settings import Settings

LONGEST = dt.timedelta(hours=12)
"""Whoever has not stopped by then has gone home: such a session ends by itself, at its last
count unknown, and is left out."""
MOST_AT_ONCE = 20


class Tap(NamedTuple):
    """Which tap it is, so that one sent again, because its answer was lost, is known."""

    page: str
    number: int
    """Each page counts its taps from 1 up, and sends them in order."""


def start(
    database: Database,
    settings: Settings,
    user_name: str,
    now: dt.datetime,
    *,
    counts_passed: bool,
) -> int:
    """Begin to count; who is counting already goes on with that."""
    with database.writing() as session:
        running = session.scalar(
            sa.select(CountingSession.id).where(
                CountingSession.user_name == user_name,
                CountingSession.ended_at.is_(None),
                CountingSession.begun_at > now - LONGEST,
            )
        )
        if running is not None:
            return running
        counting = CountingSession(
            user_name=user_name,
            source=CountSource.HAND,
            begun_at=now,
            entered=0,
            passed=0 if counts_passed else None,
            rules=thresholds.rules_hash(settings),
        )
        session.add(counting)
        session.flush()
        return counting.id


def find(database: Database, number: int) -> CountingSession | None:
    with database.reading() as session:
        return session.get(CountingSession, number)


def running(database: Database, now: dt.datetime) -> list[CountingSession]:
    wanted = sa.select(CountingSession).where(
        CountingSession.ended_at.is_(None), CountingSession.begun_at > now - LONGEST
    )
    with database.reading() as session:
        return list(session.scalars(wanted.order_by(CountingSession.begun_at)))


def add(
    database: Database,
    number: int,
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    step: int,
    now: dt.datetime,
    *,
    tap: Tap | None = None,
) -> bool:
    """Count so many more, or fewer; never below none. False: nobody counts there any more.

    Args:
        database: has the session.
        number: of the session.
        column: of CountingSession: `entered` or `passed`.
        step: how many more.
        now: a session is not counted in for ever.
        tap: one that was counted before is not counted again.
    """
    step = min(max(step, -MOST_AT_ONCE), MOST_AT_ONCE)
    with database.writing() as session:
        # Locked: two may count in the same session, and a tap may come twice at once.
        counting = session.get(CountingSession, number, with_for_update=True)
        if counting is None or counting.ended_at or counting.begun_at <= now - LONGEST:
            return False
        counted: int | None = getattr(counting, column.key)
        if counted is None:
            return False
        if tap is None or _is_new(session, number, tap):
            setattr(counting, column.key, max(counted + step, 0))
    return True


def _is_new(session: Session, number: int, tap: Tap) -> bool:
    page = session.get(CountingPage, (number, tap.page))
    if page is None:
        page = CountingPage(session_id=number, page=tap.page, last_tap=0)
        session.add(page)
    if tap.number <= page.last_tap:
        return False
    page.last_tap = tap.number
    return True


def stop(database: Database, number: int, now: dt.datetime) -> None:
    with database.writing() as session:
        counting = session.get(CountingSession, number)
        if counting is not None and counting.ended_at is None:
            counting.ended_at = now


def remove(database: Database, number: int) -> None:
    with database.writing() as session:
        session.execute(sa.delete(CountingSession).where(CountingSession.id == number))


def take_file(
    database: Database, settings: Settings, user_name: str, octets: bytes, now: dt.datetime
) -> tuple[int, list[BadLine]]:
    """Take the sessions of a door counter's file: all of them, or none and why.

    Returns:
        How many there are, and the bad lines.
    """
    spans, bad = counter_file.read(_text(octets), settings.store.zone, now)
    if bad:
        return 0, bad
    rules = thresholds.rules_hash(settings)
    with database.writing() as session:
        there = session.execute(
            sa.select(CountingSession.begun_at, CountingSession.ended_at).where(
                CountingSession.source == CountSource.COUNTER,
                CountingSession.begun_at < max(span.ended_at for span in spans),
                CountingSession.ended_at > min(span.begun_at for span in spans),
            )
        )
        bad = counter_file.overlapping(spans, [(row.begun_at, row.ended_at) for row in there])
        if bad:
            return 0, bad
        session.add_all(
            CountingSession(
                user_name=user_name,
                source=CountSource.COUNTER,
                begun_at=span.begun_at,
                ended_at=span.ended_at,
                entered=span.entered,
                passed=span.passed,
                rules=rules,
            )
            for span in spans
        )
    return len(spans), []


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Digits and dashes are the same in what Chinese spreadsheets write.
        return octets.decode("gb18030", errors="replace")

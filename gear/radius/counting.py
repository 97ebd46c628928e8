"""What a report adds to a phone's counters. Pure.

Reports come late, twice, in any order, and again after a restart of either side. A session's
counters only grow, and so tell more surely than any clock which report is news.
"""

import dataclasses

from gate.shape import Counters
from gear.radius.words import Kind, Report

_NONE = Counters(0, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class Session:
    """What was last known of one session at one gateway."""

    counters: Counters
    said_at: int
    """By the gateway's clock; 0 if it has none."""
    is_over: bool


@dataclasses.dataclass(frozen=True, slots=True)
class News:
    grown: Counters
    """What the phone has sent and received that was not counted yet."""
    session: Session


def news(known: Session | None, report: Report, listening_s: float) -> News | None:
    """What is new in a report, None if nothing is: it was heard before, or is out of date.

    Args:
        known: what was last known of this session.
        report: what the gateway says now.
        listening_s: for how long reports have been listened to.
    """
    told, is_over = report.counters, report.kind is Kind.STOP
    session = Session(told, report.said_at, is_over)
    if known is None:
        is_whole = report.kind is Kind.START or (
            report.lasted_s is not None and report.lasted_s <= listening_s
        )
        # What was before is charged already, as far as anybody can tell: never twice.
        return News(told if is_whole else _NONE, session)
    before = known.counters
    if told.bytes_up < before.bytes_up or told.bytes_down < before.bytes_down:
        # The gateway counts anew under the same name, or this is an old report.
        return News(told, session) if _begins_anew(known, report) else None
    grown = Counters(told.bytes_up - before.bytes_up, told.bytes_down - before.bytes_down)
    if grown == _NONE and not _is_later(known, report):
        return None
    return News(grown, session)


def _begins_anew(known: Session, report: Report) -> bool:
    if _are_dated(known, report):
        return report.said_at > known.said_at
    return known.is_over and report.kind is Kind.START


def _is_later(known: Session, report: Report) -> bool:
    """Whether a report tells what comes after what is known, though nothing has passed."""
    if _are_dated(known, report) and report.said_at != known.said_at:
        return report.said_at > known.said_at
    return report.kind is Kind.STOP and not known.is_over


def _are_dated(known: Session, report: Report) -> bool:
    return known.said_at > 0 and report.said_at > 0

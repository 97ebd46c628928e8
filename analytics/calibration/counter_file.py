"""Reads the file of a door counter: one span a line, with who came in and who walked past. Pure.

    start,end,entered,passed
    2026-05-16 10:00,2026-05-16 11:00,34,210
    2026-05-16 11:00,2026-05-16 12:00,41,

`passed` may be empty, or missing with its column. Times are the store's, or have a zone of
their own. Either the whole file is good, or every bad line is named and none is taken.
"""

import csv
import dataclasses
import datetime as dt
import enum
import re
import zoneinfo
from collections.abc import Mapping, Sequence

from core import periods

COLUMNS = ("start", "end", "entered", "passed")
MOST_LINES = 3000
HIGHEST_COUNT = 100_000
LONGEST = dt.timedelta(hours=25)
"""A day on which the clocks go back."""

_FEWEST_COLUMNS = 3
# What spreadsheets make of a date: `2026/5/16 9:00`.
_MOMENT = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(.*)")
_ZONE = re.compile(r"Z|[+-]\d{2}:?\d{2}")


class Fault(enum.StrEnum):
    HEADER = "header"
    """The first line does not name the columns."""
    EMPTY = "empty"
    TOO_LONG = "too_long"
    """More lines than MOST_LINES."""
    COLUMNS = "columns"
    """More or fewer fields than the first line."""
    TIME = "time"
    ORDER = "order"
    """The end is not after the start, or more than a day later."""
    FUTURE = "future"
    OLD = "old"
    """Longer ago than counts are kept."""
    COUNT = "count"
    OVERLAP = "overlap"
    """With another line, or with a session that is there already."""


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    line: int
    begun_at: dt.datetime
    ended_at: dt.datetime
    entered: int
    passed: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class BadLine:
    line: int
    fault: Fault


class _BadFieldError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def read(text: str, zone: zoneinfo.ZoneInfo, now: dt.datetime) -> tuple[list[Span], list[BadLine]]:
    """The spans in order of time, and the bad lines; what overlaps among them is among these."""
    lines = [(number, line) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line.strip(" ,;\t")]
    if not lines:
        return [], [BadLine(1, Fault.EMPTY)]
    separator = max(",;\t", key=lines[0][1].count)
    header = _fields(lines[0][1].lower(), separator)
    if tuple(header) not in {COLUMNS, COLUMNS[:_FEWEST_COLUMNS]}:
        return [], [BadLine(lines[0][0], Fault.HEADER)]
    if len(lines) == 1:
        return [], [BadLine(lines[0][0], Fault.EMPTY)]
    if len(lines) > MOST_LINES + 1:
        return [], [BadLine(lines[MOST_LINES + 1][0], Fault.TOO_LONG)]
    spans, bad = [], []
    for number, line in lines[1:]:
        fields = _fields(line, separator)
        if len(fields) != len(header):
            bad.append(BadLine(number, Fault.COLUMNS))
            continue
        try:
            spans.append(_span(number, dict(zip(header, fields, strict=True)), zone, now))
        except _BadFieldError as error:
            bad.append(BadLine(number, error.fault))
    spans.sort(key=lambda span: span.begun_at)
    bad += overlapping(spans, [])
    return spans, sorted(bad, key=lambda each: each.line)


def overlapping(
    spans: Sequence[Span], taken: Sequence[tuple[dt.datetime, dt.datetime]]
) -> list[BadLine]:
    """Those that share time with one before them, or with what is taken already."""
    found = []
    every = sorted(
        [(begin, end, 0) for begin, end in taken]
        + [(span.begun_at, span.ended_at, span.line) for span in spans]
    )
    until, last = dt.datetime.min.replace(tzinfo=dt.UTC), 0
    for begin, end, line in every:
        if begin < until and (line or last):
            found.append(BadLine(line or last, Fault.OVERLAP))
        if end > until:
            until, last = end, line
    return found


def _fields(line: str, separator: str) -> list[str]:
    try:
        fields = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return []
    return [field.strip() for field in fields]


def _span(line: int, row: Mapping[str, str], zone: zoneinfo.ZoneInfo, now: dt.datetime) -> Span:
    begun_at, ended_at = _moment(row["start"], zone), _moment(row["end"], zone)
    if not dt.timedelta(0) < ended_at - begun_at <= LONGEST:
        raise _BadFieldError(Fault.ORDER)
    if ended_at > now:
        raise _BadFieldError(Fault.FUTURE)
    if begun_at < now - periods.COUNTING_SESSION:
        raise _BadFieldError(Fault.OLD)
    passed = row.get("passed") or None
    return Span(
        line, begun_at, ended_at, _count(row["entered"]), None if passed is None else _count(passed)
    )


def _moment(typed: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """In UTC."""
    found = _MOMENT.fullmatch(typed)
    if found is None:
        raise _BadFieldError(Fault.TIME)
    year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
    second, own_zone = int(found[6] or 0), found[7].strip()
    try:
        local = dt.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - found next
        if not own_zone:
            return local.replace(tzinfo=zone).astimezone(dt.UTC)
        if not _ZONE.fullmatch(own_zone):
            raise _BadFieldError(Fault.TIME)
        return dt.datetime.fromisoformat(local.isoformat() + own_zone).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise _BadFieldError(Fault.TIME) from None


def _count(typed: str) -> int:
    # Digits of other scripts are digits to Python, and to nobody's door counter.
    if not re.fullmatch(r"[0-9]{1,6}", typed) or int(typed) > HIGHEST_COUNT:
        raise _BadFieldError(Fault.COUNT)
    return int(typed)

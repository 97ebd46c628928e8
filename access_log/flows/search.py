"""Finds flows in the log: by public address and port, by the phone, by what it reached, by time.

Each flow was written twice, as it began and as it ended; here it is one again.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from access_log.flows import chain, files, records, table
from access_log.flows.blocks import BlockError, Keys, Kind
from access_log.flows.files import Found, HourFile
from access_log.flows.phones import PASS_BIT, mark_of
from access_log.flows.records import UNKNOWN_SECONDS, Event, IpAddress
from access_log.flows.table import Rows
from core.mac import Mac

REACH: Final = dt.timedelta(hours=24)
"""How far before and after the time asked for a flow's beginning and end are looked for."""
# Of beginning and end of one flow, as both tell it: ends tell whole seconds.
_SLACK_MS: Final = 2000


class TooManyError(Exception):
    """More is found than can be shown."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: all that is given has to hold. Times have a zone."""

    since: dt.datetime
    until: dt.datetime
    public: IpAddress | None = dataclasses.field(default=None, repr=False)
    public_port: int | None = None
    source: IpAddress | None = dataclasses.field(default=None, repr=False)
    phone: Mac | None = None
    destination: IpAddress | None = dataclasses.field(default=None, repr=False)
    destination_port: int | None = None
    protocol: int | None = None
    reach: dt.timedelta = REACH
    most: int = 100_000


@dataclasses.dataclass(frozen=True, slots=True)
class Flow:
    """One connection, or what the firewall takes for one."""

    began_at: dt.datetime | None
    """None: it had begun before what was looked at, and the kernel noted no time."""
    ended_at: dt.datetime | None
    """When the firewall forgot it, which is later than its last packet. None: not known."""
    protocol: int
    source: IpAddress = dataclasses.field(repr=False)
    source_port: int
    public: IpAddress = dataclasses.field(repr=False)
    public_port: int
    destination: IpAddress = dataclasses.field(repr=False)
    destination_port: int
    mac: Mac | None
    by_pass: bool
    """Begun with a temporary pass."""
    bytes_up: int | None
    bytes_down: int | None

    @property
    def at(self) -> dt.datetime | None:
        return self.began_at or self.ended_at


def find(folder: Path, keys: Keys, query: Query, faults: list[str] | None = None) -> list[Flow]:
    """All flows that ran at any moment from `since` to `until`, in order of their beginning.

    Args:
        folder: of the log.
        keys: its.
        query: what is looked for.
        faults: takes what cannot be read of the log; all else is read.

    Raises:
        TooManyError: there are more than `query.most`.
    """
    found, count = [table.empty()], 0
    for rows in _blocks(folder, keys, query, [] if faults is None else faults):
        fitting = rows[_fits(rows, query)]
        count += len(fitting)
        if count > 2 * query.most:
            raise TooManyError(f"more than {query.most} flows: ask for less time, or say more")
        found.append(fitting)
    flows = _joined(np.concatenate(found))
    return [flow for flow in flows if _overlaps(flow, query)]


def _blocks(folder: Path, keys: Keys, query: Query, faults: list[str]) -> Iterator[Rows]:
    first = _ms(query.since - query.reach)
    last = _ms(query.until + query.reach)
    listed = files.listed(folder)
    for hour_file in listed:
        end = 0
        try:
            for block in files.headers(hour_file.path):
                head, end = block.header, block.end
                if head.kind is Kind.FLOWS and head.last_ms >= first and head.first_ms <= last:
                    yield from _rows(hour_file, block, keys, faults)
        except FileNotFoundError:
            # Its days were over while we looked.
            continue
        # At the end of the newest one a block may be on its way.
        if end < hour_file.size and hour_file != listed[-1]:
            faults.append(f"{hour_file.path.name} cannot be read from octet {end} on")


def _rows(hour_file: HourFile, block: Found, keys: Keys, faults: list[str]) -> Iterator[Rows]:
    try:
        yield chain.rows_of(hour_file, block, keys)
    except BlockError as error:
        faults.append(str(error))


def _fits(rows: Rows, query: Query) -> NDArray[np.bool_]:
    fits = np.ones(len(rows), np.bool_)
    for name in ("public", "source", "destination"):
        address = getattr(query, name)
        if address is not None:
            fits &= (rows[name] == _octets(records.octets_of(address))).all(axis=1)
    for name in ("public_port", "destination_port", "protocol"):
        number = getattr(query, name)
        if number is not None:
            fits &= rows[name] == number
    if query.phone is not None:
        is_marked = rows["mark"] & np.uint32(PASS_BIT - 1) == mark_of(query.phone)
        fits &= (rows["phone"] == _octets(query.phone.octets)).all(axis=1) | is_marked
    return fits


def _joined(rows: Rows) -> list[Flow]:
    """Beginnings with their ends."""
    rows = rows[np.argsort(rows["at"], kind="stable")]
    flows: list[Flow] = []
    running: dict[bytes, int] = {}
    for row in rows:
        name = _name(row)
        if row["event"] == Event.RUNNING and name in running:
            # It was heard of as it began, before a new start of the program.
            continue
        if row["event"] != Event.ENDED:
            running[name] = len(flows)
            flows.append(_flow(row))
            continue
        ended = _flow(row)
        at = running.pop(name, None)
        if at is None or not _is_of(flows[at], ended):
            flows.append(ended)
        else:
            flows[at] = dataclasses.replace(ended, began_at=flows[at].began_at)
    return sorted(flows, key=lambda flow: flow.at or dt.datetime.min.replace(tzinfo=dt.UTC))


def _is_of(begun: Flow, ended: Flow) -> bool:
    """Whether this end may be of that beginning, and not of a later flow with the same ports."""
    if begun.began_at is None or ended.began_at is None:
        return True
    return abs((ended.began_at - begun.began_at).total_seconds()) * 1000 <= _SLACK_MS


def _overlaps(flow: Flow, query: Query) -> bool:
    began = flow.began_at or flow.ended_at
    if began is None or began > query.until:
        return False
    return flow.ended_at is None or flow.ended_at >= query.since


def _name(row: np.void) -> bytes:
    parts = ("protocol", "source", "source_port", "destination", "destination_port", "public_port")
    return b"".join(row[part].tobytes() for part in parts)


def _flow(row: np.void) -> Flow:
    at = dt.datetime.fromtimestamp(int(row["at"]) / 1000, dt.UTC)
    has_ended = row["event"] == Event.ENDED
    began: dt.datetime | None = at
    if has_ended:
        seconds = int(row["seconds"])
        began = None if seconds == UNKNOWN_SECONDS else at - dt.timedelta(seconds=seconds)
    phone = row["phone"].tobytes()
    return Flow(
        began_at=began,
        ended_at=at if has_ended else None,
        protocol=int(row["protocol"]),
        source=records.address_of(row["source"].tobytes()),
        source_port=int(row["source_port"]),
        public=records.address_of(row["public"].tobytes()),
        public_port=int(row["public_port"]),
        destination=records.address_of(row["destination"].tobytes()),
        destination_port=int(row["destination_port"]),
        mac=Mac(phone) if any(phone) else None,
        by_pass=bool(row["mark"] & np.uint32(PASS_BIT)),
        bytes_up=int(row["bytes_up"]) if has_ended else None,
        bytes_down=int(row["bytes_down"]) if has_ended else None,
    )


def _octets(value: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(value, np.uint8)


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)

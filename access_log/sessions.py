"""Makes sessions of the access log's rows: who was online, from when until when, under what.

One row a session, with every field that an inspector asks for. The port that stood for a
connection towards the internet is in the flow log; on which of several access points behind a
cable of the box a phone was, the box cannot know. Another gateway may tell it of its own.
"""

import dataclasses
import datetime as dt
import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from access_log import entries
from access_log.entries import Entry
from core.mac import Mac
from core.models.access_record import AccessRecord, Kind
from core.phone_number import PhoneNumber
from core.sealing import Sealer

_LONGEST = dt.timedelta(days=32)
"""No session is longer: whatever overlaps a time has rows not farther from it than this."""
_PLACE = ("store", "venue_code", "gateway_id", "network")
_OF_SESSIONS = (Kind.GRANTED, Kind.CHANGED, Kind.ENDED, Kind.PASS_GIVEN, Kind.PASS_ENDED)

COLUMNS = (
    *_PLACE,
    "session",
    "mac",
    "mac_is_random",
    "way",
    "auth_level",
    "account_kind",
    "account",
    "keys",
    "proven_at",
    "lan_ipv4",
    "lan_ipv6",
    "public_addresses",
    "port",
    "access_point",
    "start",
    "end",
    "cause",
    "bytes_up",
    "bytes_down",
    "temporary_pass",
    "records",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Query:
    """Sessions that ran at any moment from `since` to `until`; all that is given has to hold."""

    since: dt.datetime
    until: dt.datetime
    phone: PhoneNumber | None = None
    device: Mac | None = None
    session_id: str | None = None


def find(database: Database, sealer: Sealer, query: Query) -> list[dict[str, Any]]:
    """Sessions by the fields in COLUMNS, in order of their beginning."""
    found: dict[str, _Session] = {}
    place: Mapping[str, Any] = {}
    for entry in read(database, sealer, query):
        if entry.kind is Kind.PLACE:
            place = entry.body
            for each in found.values():
                each.move(place)
        elif entry.kind in _OF_SESSIONS and entry.session_id is not None:
            one = found.setdefault(entry.session_id, _Session(entry.session_id, place))
            one.take(entry)
            if one.is_over and not one.overlaps(query):
                # Else weeks of sessions would be held for one moment.
                del found[entry.session_id]
    rows = [each for each in found.values() if each.overlaps(query)]
    return [each.row() for each in sorted(rows, key=lambda each: each.start)]


def read(database: Database, sealer: Sealer, query: Query) -> Iterator[Entry]:
    """The rows that `find` makes sessions of."""
    first = (query.since - _LONGEST).date()
    last = (query.until + _LONGEST).date()
    asked: list[sa.ColumnElement[bool]] = []
    if query.phone is not None:
        lookup = sealer.lookup("phone", query.phone.e164().encode())
        # The whole session: it may have been another's account before, or have become another's.
        with_account = sa.select(AccessRecord.session_id).where(
            AccessRecord.account_lookup == lookup
        )
        asked.append(AccessRecord.session_id.in_(with_account))
    if query.device is not None:
        device = sealer.lookup("mac", query.device.octets)
        asked.append(AccessRecord.device_lookup == device)
    if query.session_id is not None:
        asked.append(AccessRecord.session_id == query.session_id)
    return entries.read(database, sealer, first, last, sa.and_(*asked) if asked else None)


class _Session:
    def __init__(self, session_id: str, place: Mapping[str, Any]) -> None:
        self._said: dict[str, Any] = {"session": session_id, "temporary_pass": ""}
        self._addresses: dict[str, None] = {}
        self._public: dict[str, None] = {}
        self._ports: dict[str, None] = {}
        self._access_points: dict[str, None] = {}
        self._accounts: dict[str, None] = {}
        self._records: list[int] = []
        self._place = {name: place.get(name, "") for name in _PLACE}
        self.is_over = False
        self.start = dt.datetime.max.replace(tzinfo=dt.UTC)
        self._end = dt.datetime.min.replace(tzinfo=dt.UTC)
        self.move(place)

    def move(self, place: Mapping[str, Any]) -> None:
        """The box's addresses from here on."""
        if not self.is_over:
            self._public |= dict.fromkeys(place.get("addresses", ()))

    def take(self, entry: Entry) -> None:
        body = entry.body
        self._records.append(entry.number)
        if "from" not in body:
            return
        self.start = min(self.start, dt.datetime.fromisoformat(body["from"]))
        self._end = dt.datetime.fromisoformat(body.get("to") or body["until"])
        self._addresses |= dict.fromkeys(body.get("addresses", ()))
        port, bssid = body.get("point") or ("", "")
        self._ports |= dict.fromkeys([port] if port else [])
        self._access_points |= dict.fromkeys([bssid] if bssid else [])
        if entry.kind in {Kind.ENDED, Kind.PASS_ENDED}:
            self.is_over = True
            self._said |= {"end": body.get("to"), "cause": body.get("cause")}
        kind, account = body.get("account") or ("", "")
        self._accounts |= dict.fromkeys([account] if account else [])
        self._said |= {
            "mac": body.get("mac"),
            "way": body.get("way", ""),
            "auth_level": body.get("level", ""),
            "account_kind": kind,
            "keys": body.get("keys", {}),
            "proven_at": body.get("proven"),
            "bytes_up": body.get("up", 0),
            "bytes_down": body.get("down", 0),
            "temporary_pass": body.get("pass", ""),
        }

    def overlaps(self, query: Query) -> bool:
        return self.start <= query.until and self._end >= query.since

    def row(self) -> dict[str, Any]:
        mac = self._said.get("mac")
        said = {
            **self._place,
            **self._said,
            "mac_is_random": Mac.parse(mac).is_randomised if mac else None,
            "account": list(self._accounts),
            "lan_ipv4": _of_version(4, self._addresses),
            "lan_ipv6": _of_version(6, self._addresses),
            "public_addresses": list(self._public),
            "port": list(self._ports),
            "access_point": list(self._access_points),
            "start": self.start.isoformat(),
            "records": self._records,
        }
        return {name: said.get(name) for name in COLUMNS}


def _of_version(version: int, addresses: Mapping[str, None]) -> list[str]:
    return [each for each in addresses if ipaddress.ip_address(each).version == version]

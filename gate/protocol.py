"""The language of the gate's socket: one JSON object a line, a request and its answer.

    {"do": "admit", "mac": "aa:bb:cc:dd:ee:ff", "seconds": 14400,
     "down_kbit_s": 0, "up_kbit_s": 0, "quota_bytes": 0}            {"answer": "done"}
    {"do": "give-pass", …}, the same                                {"answer": "done"}
    {"do": "revoke", "mac": "aa:bb:cc:dd:ee:ff"}                    {"answer": "done"}
    {"do": "find", "mac": "aa:bb:cc:dd:ee:ff"}
                     {"answer": "found", "phone": [seconds_left, up, down]}, or null for offline
    {"do": "online"}       {"answer": "online", "phones": {mac: [seconds_left, up, down]}}
    {"do": "counters"}     {"answer": "counters", "phones": {mac: [up, down]}}
    {"do": "kind"}                            {"answer": "kind", "kind": "nftables"}

where phones are on the network of another gateway, also (`gate.shape.Witness`)

    {"do": "vouch", "path": "/guest/s/default/", "query": "id=…", "address": "192.168.1.23"}
                              {"answer": "phone", "mac": "aa:bb:cc:dd:ee:ff"}, or null for no one
    {"do": "phone-at", "address": "192.168.1.23"}           {"answer": "phone", …}, likewise

and, instead of these answers,

    {"answer": "refused", "field": "seconds", "problem": "…"}   asking again will not help
    {"answer": "failed", "problem": "…"}                        it may help later

A limit that is left out is none. What a request's types hold is right: they check it. No
message repeats an address.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from gate.checks import MAC, ProtocolError, check_mac, check_number, check_text
from gate.shape import Counters, Limits, Online, Redirected

# What a browser is redirected to may be as long as the longest address that gunicorn takes.
REQUEST_LIMIT = 16 * 1024
# A full set, 65,535 phones, in the longest form a line of it can take.
ANSWER_LIMIT = 8 * 1024 * 1024
LONGEST_S = 604_800
FASTEST_KBIT_S = 10_000_000
LARGEST_BYTES = 10**15


@dataclasses.dataclass(frozen=True, slots=True)
class _Admission:
    mac: str = dataclasses.field(repr=False)
    seconds: int
    down_kbit_s: int = 0
    up_kbit_s: int = 0
    quota_bytes: int = 0

    def __post_init__(self) -> None:
        check_mac(self.mac)
        check_number("seconds", self.seconds, 1, LONGEST_S)
        check_number("down_kbit_s", self.down_kbit_s, 0, FASTEST_KBIT_S)
        check_number("up_kbit_s", self.up_kbit_s, 0, FASTEST_KBIT_S)
        check_number("quota_bytes", self.quota_bytes, 0, LARGEST_BYTES)

    @property
    def limits(self) -> Limits:
        return Limits(self.down_kbit_s, self.up_kbit_s, self.quota_bytes)


class Admit(_Admission):
    __slots__ = ()


class GivePass(_Admission):
    __slots__ = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Revoke:
    mac: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        check_mac(self.mac)


@dataclasses.dataclass(frozen=True, slots=True)
class Find:
    mac: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        check_mac(self.mac)


@dataclasses.dataclass(frozen=True, slots=True)
class ListOnline:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class ListCounters:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class AskKind:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class Vouch:
    path: str = dataclasses.field(repr=False)
    query: str = dataclasses.field(repr=False)
    address: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        check_text("path", self.path)
        check_text("query", self.query)
        check_text("address", self.address)

    @property
    def redirected(self) -> Redirected:
        return Redirected(self.path, self.query, self.address)


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneAt:
    address: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        check_text("address", self.address)


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    phone: Online | None
    """None: not online."""


@dataclasses.dataclass(frozen=True, slots=True)
class OnlineList:
    phones: Mapping[str, Online] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class CountersList:
    phones: Mapping[str, Counters] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Phone:
    mac: str | None = dataclasses.field(repr=False)
    """None: nobody, as far as the gateway can tell."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    field: str
    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    problem: str


Request = Admit | GivePass | Revoke | Find | ListOnline | ListCounters | AskKind | Vouch | PhoneAt
Answer = Done | Found | OnlineList | CountersList | Phone | Kind | Refused | Failed

_REQUESTS: dict[str, type[Request]] = {
    "admit": Admit,
    "give-pass": GivePass,
    "revoke": Revoke,
    "find": Find,
    "online": ListOnline,
    "counters": ListCounters,
    "kind": AskKind,
    "vouch": Vouch,
    "phone-at": PhoneAt,
}


def write_request(request: Request) -> bytes:
    verb = next(verb for verb, sort in _REQUESTS.items() if sort is type(request))
    return _line({"do": verb} | dataclasses.asdict(request))


def read_request(line: bytes) -> Request:
    """The request in one line, or ProtocolError."""
    if len(line) > REQUEST_LIMIT:
        raise ProtocolError("line", f"must not be longer than {REQUEST_LIMIT} bytes")
    values = _object(line)
    verb = values.pop("do", None)
    sort = _REQUESTS.get(verb) if isinstance(verb, str) else None
    if sort is None:
        raise ProtocolError("do", f"must be one of {', '.join(_REQUESTS)}")
    fields = dataclasses.fields(sort)
    for each in fields:
        if each.name not in values and each.default is dataclasses.MISSING:
            raise ProtocolError(each.name, "is missing")
    if values.keys() - {each.name for each in fields}:
        # Not named: it is the sender's text, and might be an address.
        raise ProtocolError("line", f"has a field that {verb} does not know")
    return sort(**values)


def write_answer(answer: Answer) -> bytes:
    values: dict[str, object]
    match answer:
        case Done():
            values = {"answer": "done"}
        case Found(phone):
            values = {"answer": "found", "phone": _online_row(phone) if phone else None}
        case OnlineList(phones):
            rows = {mac: _online_row(each) for mac, each in phones.items()}
            values = {"answer": "online", "phones": rows}
        case CountersList(counted):
            counts = {mac: (each.bytes_up, each.bytes_down) for mac, each in counted.items()}
            values = {"answer": "counters", "phones": counts}
        case Phone(mac):
            values = {"answer": "phone", "mac": mac}
        case Kind(kind):
            values = {"answer": "kind", "kind": kind}
        case Refused(field, problem):
            values = {"answer": "refused", "field": field, "problem": problem}
        case Failed(problem):
            values = {"answer": "failed", "problem": problem}
    return _line(values)


def read_answer(line: bytes) -> Answer:
    """The answer in one line, or ProtocolError."""
    answer: Answer
    match _object(line):
        case {"answer": "done"}:
            answer = Done()
        case {"answer": "found", "phone": row}:
            answer = Found(None if row is None else _online(row))
        case {"answer": "online", "phones": dict(phones)}:
            answer = OnlineList({mac: _online(row) for mac, row in phones.items()})
        case {"answer": "counters", "phones": dict(phones)}:
            answer = CountersList({mac: _counters(row) for mac, row in phones.items()})
        case {"answer": "phone", "mac": str(mac)} if MAC.fullmatch(mac):
            answer = Phone(mac)
        case {"answer": "phone", "mac": None}:
            answer = Phone(None)
        case {"answer": "kind", "kind": str(kind)}:
            answer = Kind(kind)
        case {"answer": "refused", "field": str(field), "problem": str(problem)}:
            answer = Refused(field, problem)
        case {"answer": "failed", "problem": str(problem)}:
            answer = Failed(problem)
        case _:
            raise ProtocolError("answer", "is none that this version knows")
    return answer


def _online_row(phone: Online) -> tuple[int, int, int]:
    return phone.seconds_left, phone.bytes_up, phone.bytes_down


def _counters(row: object) -> Counters:
    match row:
        case [int(bytes_up), int(bytes_down)]:
            return Counters(bytes_up, bytes_down)
    raise ProtocolError("phones", "must be two whole numbers each")


def _online(row: object) -> Online:
    match row:
        case [int(seconds_left), int(bytes_up), int(bytes_down)]:
            return Online(seconds_left, bytes_up, bytes_down)
    raise ProtocolError("phones", "must be three whole numbers each")


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        # Without its cause: a JSON error carries the whole text.
        raise ProtocolError("line", "must be JSON") from None
    if not isinstance(values, dict):
        raise ProtocolError("line", "must be a JSON object")
    return values


def _line(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"

"""The language of the gate's socket: one JSON object a line, a request and its answer.

    {"do": "admit", "mac": "aa:bb:cc:dd:ee:ff", "seconds": 14400}   {"answer": "done"}
    {"do": "revoke", "mac": "aa:bb:cc:dd:ee:ff"}                    {"answer": "done"}
    {"do": "find", "mac": "aa:bb:cc:dd:ee:ff"}
                     {"answer": "found", "phone": [seconds_left, up, down]}, or null for offline
    {"do": "online"}       {"answer": "online", "phones": {mac: [seconds_left, up, down]}}
    {"do": "kind"}                            {"answer": "kind", "kind": "nftables"}

and, instead of these answers,

    {"answer": "refused", "field": "seconds", "problem": "…"}   asking again will not help
    {"answer": "failed", "problem": "…"}                        it may help later

What a request's types hold is right: they check it. No message repeats an address.
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from gate.shape import Online

REQUEST_LIMIT = 512
# A full set, 65,535 phones, in the longest form a line of it can take.
ANSWER_LIMIT = 8 * 1024 * 1024
LONGEST_S = 604_800

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class ProtocolError(Exception):
    """A line is not of this language."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclasses.dataclass(frozen=True, slots=True)
class Admit:
    mac: str = dataclasses.field(repr=False)
    seconds: int

    def __post_init__(self) -> None:
        _check_mac(self.mac)
        # A bool is an int to Python, and `true` seconds is nobody's intention.
        if type(self.seconds) is not int or not 1 <= self.seconds <= LONGEST_S:
            raise ProtocolError("seconds", f"must be a whole number from 1 to {LONGEST_S}")


@dataclasses.dataclass(frozen=True, slots=True)
class Revoke:
    mac: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        _check_mac(self.mac)


@dataclasses.dataclass(frozen=True, slots=True)
class Find:
    mac: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        _check_mac(self.mac)


@dataclasses.dataclass(frozen=True, slots=True)
class ListOnline:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class AskKind:
    pass


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
class Kind:
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    field: str
    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    problem: str


Request = Admit | Revoke | Find | ListOnline | AskKind
Answer = Done | Found | OnlineList | Kind | Refused | Failed

_REQUESTS: dict[str, type[Request]] = {
    "admit": Admit,
    "revoke": Revoke,
    "find": Find,
    "online": ListOnline,
    "kind": AskKind,
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
    wanted = {field.name for field in dataclasses.fields(sort)}
    for name in sorted(wanted - values.keys()):
        raise ProtocolError(name, "is missing")
    if values.keys() - wanted:
        # Not named: it is the sender's text, and might be an address.
        raise ProtocolError("line", f"has a field that {verb} does not know")
    return sort(**values)


def write_answer(answer: Answer) -> bytes:
    match answer:
        case Done():
            return _line({"answer": "done"})
        case Found(phone):
            row = dataclasses.astuple(phone) if phone else None
            return _line({"answer": "found", "phone": row})
        case OnlineList(phones):
            rows = {mac: dataclasses.astuple(online) for mac, online in phones.items()}
            return _line({"answer": "online", "phones": rows})
        case Kind(kind):
            return _line({"answer": "kind", "kind": kind})
        case Refused(field, problem):
            return _line({"answer": "refused", "field": field, "problem": problem})
        case Failed(problem):
            return _line({"answer": "failed", "problem": problem})


def read_answer(line: bytes) -> Answer:
    """The answer in one line, or ProtocolError."""
    match _object(line):
        case {"answer": "done"}:
            return Done()
        case {"answer": "found", "phone": row}:
            return Found(None if row is None else _online(row))
        case {"answer": "online", "phones": dict(phones)}:
            return OnlineList({mac: _online(row) for mac, row in phones.items()})
        case {"answer": "kind", "kind": str(kind)}:
            return Kind(kind)
        case {"answer": "refused", "field": str(field), "problem": str(problem)}:
            return Refused(field, problem)
        case {"answer": "failed", "problem": str(problem)}:
            return Failed(problem)
    raise ProtocolError("answer", "is none that this version knows")


def _check_mac(mac: object) -> None:
    if not isinstance(mac, str) or not _MAC.fullmatch(mac):
        raise ProtocolError("mac", "must have the form aa:bb:cc:dd:ee:ff, in lower case")
    if int(mac[:2], 16) & 1:
        raise ProtocolError("mac", "must be a single phone's, not a group address")


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

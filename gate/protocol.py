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
    {"do": "whereabouts"}, of those who may pass: IP addresses, access point or ""
                              {"answer": "whereabouts", "phones": {mac: [["192.168.1.23"], mac]}}

and, instead of these answers,

    {"answer": "refused", "field": "seconds", "problem": "…"}   asking again will not help
    {"answer": "failed", "problem": "…"}                        it may help later

A limit that is left out is none. What a request's types hold is right: they check it. No
message repeats an address.
"""

import dataclasses
from collections.abc import Mapping

from gate import json_line, rows
from gate.checks import MAC, ProtocolError, check_mac, check_number, check_text
from gate.shape import Counters, Limits, Online, Redirected
from gate.whereabouts import Whereabouts

# What a browser is redirected to may be as long as the longest address that gunicorn takes.
REQUEST_LIMIT = 16 * 1024
# A full set, 65,535 phones, in the longest form a line of it can take.
ANSWER_LIMIT = 8 * 1024 * 1024
LONGEST_S = 604_800
FASTEST_KBIT_S = 10_000_000
LARGEST_BYTES = 10**15

_UNKNOWN = "is none that this version knows"


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
class ListWhereabouts:
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
class CountersList:
    phones: Mapping[str, Counters] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Phone:
    mac: str | None = dataclasses.field(repr=False)
    """None: nobody, as far as the gateway can tell."""


@dataclasses.dataclass(frozen=True, slots=True)
class WhereaboutsList:
    phones: Mapping[str, Whereabouts] = dataclasses.field(repr=False)


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


Questions = Find | ListOnline | ListCounters | AskKind | Vouch | PhoneAt | ListWhereabouts
Request = Admit | GivePass | Revoke | Questions
Lists = OnlineList | CountersList | WhereaboutsList
Answer = Done | Found | Phone | Kind | Refused | Failed | Lists

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
    "whereabouts": ListWhereabouts,
}


def verb_of(request: Request) -> str:
    return next(verb for verb, sort in _REQUESTS.items() if sort is type(request))


def write_request(request: Request) -> bytes:
    return json_line.write({"do": verb_of(request)} | dataclasses.asdict(request))


def read_request(line: bytes) -> Request:
    """The request in one line, or ProtocolError."""
    if len(line) > REQUEST_LIMIT:
        raise ProtocolError("line", f"must not be longer than {REQUEST_LIMIT} bytes")
    values = json_line.read(line)
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
            values = {"answer": "found", "phone": rows.of_online(phone) if phone else None}
        case OnlineList(phones):
            online = {mac: rows.of_online(each) for mac, each in phones.items()}
            values = {"answer": "online", "phones": online}
        case CountersList(counted):
            counts = {mac: rows.of_counters(each) for mac, each in counted.items()}
            values = {"answer": "counters", "phones": counts}
        case WhereaboutsList(found):
            values = {"answer": "whereabouts", "phones": rows.of_whereabouts(found)}
        case Phone(mac):
            values = {"answer": "phone", "mac": mac}
        case Kind(kind):
            values = {"answer": "kind", "kind": kind}
        case Refused(field, problem):
            values = {"answer": "refused", "field": field, "problem": problem}
        case Failed(problem):
            values = {"answer": "failed", "problem": problem}
    return json_line.write(values)


def read_answer(line: bytes) -> Answer:
    """The answer in one line, or ProtocolError."""
    answer: Answer
    match json_line.read(line):
        case {"answer": "done"}:
            answer = Done()
        case {"answer": "found", "phone": row}:
            answer = Found(None if row is None else rows.read_online(row))
        case {"answer": str(sort), "phones": dict(phones)}:
            answer = _list(sort, phones)
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
            raise ProtocolError("answer", _UNKNOWN)
    return answer


def _list(sort: str, phones: Mapping[str, object]) -> Lists:
    match sort:
        case "online":
            return OnlineList({mac: rows.read_online(row) for mac, row in phones.items()})
        case "counters":
            return CountersList({mac: rows.read_counters(row) for mac, row in phones.items()})
        case "whereabouts":
            return WhereaboutsList(rows.read_whereabouts(phones))
    raise ProtocolError("answer", _UNKNOWN)

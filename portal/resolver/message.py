"""Questions and answers of DNS (RFC 1035), for phones before login. No socket, no clock.

A tunnel carries data in what names lead to: TXT, NULL, MX, and the chain of CNAME that
leads from a name to its addresses. So nothing is passed on as it came. Of a question we keep
its name; of an answer the addresses, which we put under that very name:

    id | flags | 1 question, n answers, 0, 0 | name, type, class | n records
    16   16      4 x 16 bit                    n    16    16

    a record: -> name | type | class | TTL | length | address
              16        16     16      32    16       32 or 128 bit

An answer without addresses carries no SOA record: a phone may not remember it (RFC 2308),
and so asks again once it is online.
"""

import enum
import struct
from typing import Any, NamedTuple

_HEADER = struct.Struct("!2s5H")
_QUESTION = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
_INTERNET = 1
_IS_ANSWER, _OPERATION, _RECURSE = 0x8000, 0x7800, 0x0100
_CAN_RECURSE, _RESULT = 0x0080, 0x000F
_POINTER = 0xC0
_TO_THE_QUESTION = b"\xc0\x0c"
# We can take 1232 octets: a long chain of names fits.
_OPTIONS = struct.pack("!BHHIH", 0, 41, 1232, 0, 0)
_ADDRESS_LENGTHS = {1: 4, 28: 16}

# The names of the web are shorter; who sends data out in names gets less through.
LONGEST_NAME = 128
MOST_ADDRESSES = 4
# A phone that goes online, and a garden that moves, are not held to an old answer.
LONGEST_TTL_S = 60


class Result(enum.IntEnum):
    """How an answer turned out (RCODE)."""

    FOUND = 0
    FAILED = 2
    NO_SUCH_NAME = 3
    REFUSED = 5


class MessageError(ValueError):
    """Not a message that can be answered. It never repeats the name."""


class Question(NamedTuple):
    """What one phone wants to know; its name as it stood in the message, case and all."""

    number: bytes
    name: bytes
    kind: int
    recurse: bool

    def __repr__(self) -> str:
        return "Question(hidden)"

    @property
    def asks_for_addresses(self) -> bool:
        return self.kind in _ADDRESS_LENGTHS

    @property
    def is_too_long(self) -> bool:
        return len(self.name) > LONGEST_NAME


class Finding(NamedTuple):
    """What a name leads to."""

    result: Result
    addresses: tuple[bytes, ...] = ()
    ttl_s: int = 0

    def __repr__(self) -> str:
        return "Finding(hidden)"


def read_question(message: bytes) -> Question:
    number, flags, questions, answers, authorities, _ = _unpack(_HEADER, message, 0)
    if flags & (_IS_ANSWER | _OPERATION) or (questions, answers, authorities) != (1, 0, 0):
        raise MessageError("not one plain question")
    name, end = _question_name(message)
    kind, family = _unpack(_QUESTION, message, end)
    if family != _INTERNET:
        raise MessageError("not about the internet")
    return Question(number, name, kind, recurse=bool(flags & _RECURSE))


def write_query(question: Question, number: bytes) -> bytes:
    """The same question in our words, to be asked of another resolver."""
    header = _HEADER.pack(number, _RECURSE, 1, 0, 0, 1)
    return header + question.name + _QUESTION.pack(question.kind, _INTERNET) + _OPTIONS


def number_of(message: bytes) -> bytes:
    return message[:2]


def read_finding(message: bytes, question: Question) -> Finding:
    """What the other resolver found: addresses of the kind asked for, and nothing else."""
    _, flags, questions, answers, _, _ = _unpack(_HEADER, message, 0)
    asked = question.name + _QUESTION.pack(question.kind, _INTERNET)
    place = _HEADER.size + len(asked)
    same = message[_HEADER.size : place].lower() == asked.lower()
    if not flags & _IS_ANSWER or questions != 1 or not same:
        raise MessageError("not the answer to this question")
    result = flags & _RESULT
    if result == Result.NO_SUCH_NAME:
        return Finding(Result.NO_SUCH_NAME)
    if result != Result.FOUND:
        return Finding(Result.FAILED)

    addresses: list[bytes] = []
    ttl_s = LONGEST_TTL_S
    for _ in range(answers):
        kind, family, record_ttl_s, length = _unpack(_RECORD, message, _after_name(message, place))
        start = _after_name(message, place) + _RECORD.size
        place = start + length
        if place > len(message):
            raise MessageError("a record ends beyond the message")
        wanted = (question.kind, _INTERNET, _ADDRESS_LENGTHS[question.kind])
        if (kind, family, length) == wanted and len(addresses) < MOST_ADDRESSES:
            addresses.append(message[start:place])
            ttl_s = min(ttl_s, record_ttl_s)
    return Finding(Result.FOUND, tuple(addresses), ttl_s)


def write_answer(question: Question, finding: Finding) -> bytes:
    """Never longer than 512 octets, so that no phone needs TCP to hear all of it."""
    flags = _IS_ANSWER | _CAN_RECURSE | finding.result | (_RECURSE if question.recurse else 0)
    header = _HEADER.pack(question.number, flags, 1, len(finding.addresses), 0, 0)
    records = (
        _TO_THE_QUESTION
        + _RECORD.pack(question.kind, _INTERNET, finding.ttl_s, len(address))
        + address
        for address in finding.addresses
    )
    asked = question.name + _QUESTION.pack(question.kind, _INTERNET)
    return header + asked + b"".join(records)


def _question_name(message: bytes) -> tuple[bytes, int]:
    end = _after_name(message, _HEADER.size)
    name = message[_HEADER.size : end]
    # A pointer has nothing to point to yet.
    if name[-1:] != b"\0" or len(name) > 255:  # noqa: PLR2004 - RFC 1035, 2.3.4
        raise MessageError("no name in the question")
    return name, end


def _after_name(message: bytes, place: int) -> int:
    while place < len(message):
        length = message[place]
        if length == 0:
            return place + 1
        if length & _POINTER == _POINTER:
            return place + 2
        if length & _POINTER:
            raise MessageError("a label of an unknown kind")
        place += 1 + length
    raise MessageError("a name ends beyond the message")


def _unpack(layout: struct.Struct, message: bytes, place: int) -> tuple[Any, ...]:
    try:
        return layout.unpack_from(message, place)
    except struct.error as error:
        raise MessageError("the message is cut off") from error

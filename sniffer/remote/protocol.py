"""What a sensor and its store's box say to each other: one JSON object a line, in turns.

    {"ask": "greet", "version": 1, "sensor": "corner", "sent_us": …}
    {"ask": "keys", "version": 1, "sensor": "corner", "sent_us": …, "leave_out": "…"}
        {"answer": "keys", "received_us": …, "answered_us": …, "bits": 24, "leave_out": null,
         "keys": [{"id": "…", "from_us": …, "until_us": …, "late_us": …, "key": "…"}, …]}
    {"ask": "take", "version": 1, "sensor": "corner", "sent_us": …, "run": "…", "number": 7,
     "key": "…", "rows": [[heard_at_us, address, fingerprint, randomised, signal_dbm,
     frequency_mhz, sequence], …], "counts": {"frames": 12}}
        {"answer": "taken", "received_us": …, "answered_us": …}, also for a batch taken
        before, and for a greeting
    or  {"answer": "refused", "reason": "…", "received_us": …, "answered_us": …}

Times are microseconds since 1970, each by the clock of whoever writes it, but heard_at_us
by the box's. `run` is drawn at each start of a sensor, `number` counts its batches: by both
the box knows a batch that comes again.

What a request's types hold is right: reading checks it, and refuses with a reason. Whether
a sensor may say it, and when, is for `reception`.
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from sniffer.remote.shape import (
    MOST_COUNTS,
    Answer,
    AskKeys,
    Greet,
    HandedKey,
    Keys,
    Reason,
    Refused,
    RefusedError,
    Request,
    Row,
    Take,
    Taken,
)

VERSION = 1
MOST_ROWS = 1000
LINE_LIMIT = 160_000
"""Octets of a line; a full batch in its longest form takes less."""

ANSWER_LIMIT = 1 << 20
"""Octets of an answer: the longest tells of some 100,000 phones to be left out."""

_LARGEST_COUNT = 1_000_000_000
_LATEST_US = 1 << 53
_ASKED: Mapping[type[Request], str] = {Greet: "greet", AskKeys: "keys", Take: "take"}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TOKEN = re.compile(r"[0-9a-f]{16}")
_VERSION = re.compile(r"([0-9a-f]{16})?")
_COUNT = re.compile(r"[A-Za-z0-9_-]{1,40}(\.[A-Za-z0-9_-]{1,40}){0,3}")


def write_request(request: Request) -> bytes:
    head: dict[str, Any] = {
        "ask": _ASKED[type(request)],
        "version": VERSION,
        "sensor": request.sensor,
        "sent_us": request.sent_us,
    }
    if isinstance(request, AskKeys):
        head["leave_out"] = request.leave_out
    elif isinstance(request, Take):
        head |= {
            "run": request.run,
            "number": request.number,
            "key": request.key,
            "rows": [[*row[:3], int(row.randomised), *row[4:]] for row in request.rows],
            "counts": dict(request.counts),
        }
    return _line(head)


def read_request(line: bytes) -> Request:
    """The request in one line, or RefusedError."""
    if len(line) > LINE_LIMIT:
        raise RefusedError(Reason.MALFORMED)
    values = _object(line)
    if values.get("version") != VERSION:
        raise RefusedError(Reason.VERSION)
    sort = next((sort for sort, name in _ASKED.items() if name == values.get("ask")), None)
    if sort is None or len(values) != 2 + len(dataclasses.fields(sort)):
        raise RefusedError(Reason.MALFORMED)
    try:
        sensor = _text(values["sensor"], _NAME)
        sent_us = _whole(values["sent_us"], 0, _LATEST_US)
        if sort is Greet:
            return Greet(sensor, sent_us)
        if sort is AskKeys:
            return AskKeys(sensor, sent_us, _text(values["leave_out"], _VERSION))
        return Take(
            sensor=sensor,
            sent_us=sent_us,
            run=_text(values["run"], _TOKEN),
            number=_whole(values["number"], 1, 1 << 53),
            key=_text(values["key"], _TOKEN),
            rows=_rows(values["rows"]),
            counts=_counts(values["counts"]),
        )
    except KeyError:
        raise RefusedError(Reason.MALFORMED) from None


def write_answer(answer: Answer) -> bytes:
    values: dict[str, Any] = {
        "answer": "taken",
        "received_us": answer.received_us,
        "answered_us": answer.answered_us,
    }
    match answer:
        case Keys():
            handed = [
                {"id": each.id, "from_us": each.from_us, "until_us": each.until_us}
                | {"late_us": each.late_us, "key": each.key.hex()}
                for each in answer.keys
            ]
            values |= {"answer": "keys", "bits": answer.bits}
            values |= {"keys": handed, "leave_out": answer.leave_out}
        case Refused():
            values |= {"answer": "refused", "reason": answer.reason.value}
    return _line(values)


def read_answer(line: bytes) -> Answer:
    """The answer in one line. ValueError if it is none."""
    try:
        values = _object(line)
        received_us = _whole(values["received_us"], 0, _LATEST_US)
        answered_us = _whole(values["answered_us"], 0, _LATEST_US)
        match values["answer"]:
            case "taken":
                return Taken(received_us, answered_us)
            case "refused":
                return Refused(received_us, answered_us, Reason(values["reason"]))
            case "keys":
                bits = _whole(values["bits"], 16, 63)
                keys = [_handed(each) for each in _list(values["keys"], MOST_ROWS)]
                leave_out = values["leave_out"]
                if leave_out is None or isinstance(leave_out, str):
                    return Keys(received_us, answered_us, bits, keys, leave_out)
    except (RefusedError, ValueError, KeyError, TypeError):
        pass
    # Without what was read: it may hold a key.
    raise ValueError("no answer that this version knows") from None


def _handed(values: Any) -> HandedKey:
    key = bytes.fromhex(values["key"])
    if len(key) != 32:  # noqa: PLR2004 - 256 bits
        raise ValueError("a key of another length")
    from_us = _whole(values["from_us"], 0, _LATEST_US)
    until_us = _whole(values["until_us"], 0, _LATEST_US)
    late_us = _whole(values["late_us"], 0, _LATEST_US)
    return HandedKey(_text(values["id"], _TOKEN), from_us, until_us, late_us, key)


def _rows(values: Any) -> tuple[Row, ...]:
    return tuple(_row(each) for each in _list(values, MOST_ROWS))


def _row(values: Any) -> Row:
    if not isinstance(values, list) or len(values) != len(Row._fields):
        raise RefusedError(Reason.BAD_VALUE)
    heard_at_us, address, fingerprint, randomised, signal_dbm, frequency_mhz, sequence = values
    return Row(
        heard_at_us=_whole(heard_at_us, 0, _LATEST_US),
        address=_whole(address, 0, (1 << 63) - 1),
        fingerprint=_whole(fingerprint, 0, (1 << 63) - 1),
        randomised=bool(_whole(randomised, 0, 1)),
        signal_dbm=None if signal_dbm is None else _whole(signal_dbm, -128, 127),
        frequency_mhz=None if frequency_mhz is None else _whole(frequency_mhz, 1, 65535),
        sequence=_whole(sequence, 0, 4095),
    )


def _counts(values: Any) -> dict[str, int]:
    if not isinstance(values, dict):
        raise RefusedError(Reason.BAD_VALUE)
    if len(values) > MOST_COUNTS:
        raise RefusedError(Reason.TOO_MANY)
    return {_text(name, _COUNT): _whole(value, 1, _LARGEST_COUNT) for name, value in values.items()}


def _list(values: Any, most: int) -> list[Any]:
    if not isinstance(values, list):
        raise RefusedError(Reason.BAD_VALUE)
    if len(values) > most:
        raise RefusedError(Reason.TOO_MANY)
    return values


def _text(value: Any, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise RefusedError(Reason.BAD_VALUE)
    return value


def _whole(value: Any, least: int, most: int) -> int:
    # A bool is an int to Python, and `true` is no time.
    if type(value) is not int or not least <= value <= most:
        raise RefusedError(Reason.BAD_VALUE)
    return value


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        # Without its cause: a JSON error carries the whole text.
        raise RefusedError(Reason.MALFORMED) from None
    if not isinstance(values, dict):
        raise RefusedError(Reason.MALFORMED)
    return values


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"

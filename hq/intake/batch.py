"""Reads the body of a request for events: which rows are good, and why the others are not.

One pass validates a body in which all is well. Only if something is not, its rows are looked at
one by one. Fields that this version does not know are ignored: a store may be newer.
"""

import dataclasses
import datetime as dt
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Union

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from core.events.contract import DATA
from core.events.shapes import Envelope
from crm.shape import Refusal

MOST_EVENTS = 1000
MOST_PACKED_OCTETS = 8 << 20
MOST_OCTETS = 16 << 20

_GZIP = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"


# The fields come from the contract, so no checker can follow.
_Dictionary: Any = TypedDict


def _form(name: str, fields: Mapping[str, Any]) -> Any:
    """A dictionary of these fields: nobody needs a thousand objects with methods."""
    form = _Dictionary(name, fields)
    form.__pydantic_config__ = ConfigDict(strict=True, extra="ignore")
    return form


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {name: field.rebuild_annotation() for name, field in model.model_fields.items()}


_FORMS: dict[str, Any] = {}
for _kind, _data in DATA.items():
    _own = {"type": Literal[_kind.value], "data": _form(_data.__name__, _fields(_data))}
    _FORMS[_kind] = _form(_kind.name, _fields(Envelope) | _own)
_Event: Any = Annotated[Union[tuple(_FORMS.values())], Field(discriminator="type")]  # noqa: UP007 - of a tuple made here
_BATCH: TypeAdapter[list[Any]] = TypeAdapter(list[_Event])
_ONE: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(form) for kind, form in _FORMS.items()}
_ID: TypeAdapter[str] = TypeAdapter(Envelope.model_fields["id"].rebuild_annotation())


class BatchError(Exception):
    """The body is no batch; `status` is what the store is answered."""

    def __init__(self, status: int, octets: int) -> None:
        super().__init__(f"status {status}")
        self.status, self.octets = status, octets


class Row(NamedTuple):
    """One good event, without what it says."""

    id: str
    position: int
    """In the body's array."""
    type: str
    subject: str
    time: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    rows: Sequence[Row]
    refused: Mapping[str, Refusal]
    """By id. Who has no id is not answered."""
    octets: int
    """Of the body, unpacked."""


def inflated(body: bytes) -> bytes:
    """The body, unpacked if it is packed; BatchError if there is too much in it."""
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpack = zlib.decompressobj(_GZIP)
    try:
        text = unpack.decompress(body, MOST_OCTETS)
    except zlib.error:
        raise BatchError(400, len(body)) from None
    if unpack.unconsumed_tail:
        raise BatchError(413, len(text))
    if not unpack.eof:
        raise BatchError(400, len(text))
    return text


def read(text: bytes, store_id: str) -> Batch:
    """What is in the body of a request from a store; BatchError if it is no array of events."""
    try:
        events = _BATCH.validate_json(text, extra="ignore")
    except ValidationError:
        events = None
    if events is not None and len(events) > MOST_EVENTS:
        raise BatchError(413, len(text))
    source = f"/stores/{store_id}"
    if events is None or not all(_is_of(event, source, store_id) for event in events):
        return _read_one_by_one(text, source, store_id)
    rows = [
        Row(event["id"], position, event["type"], event["subject"], event["time"])
        for position, event in enumerate(events)
    ]
    return Batch(rows, {}, len(text))


def events_in(body: bytes) -> list[dict[str, Any]]:
    """The events of a body that was taken in."""
    events: list[dict[str, Any]] = json.loads(inflated(body))
    return events


def _read_one_by_one(text: bytes, source: str, store_id: str) -> Batch:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        # `from None`: a JSON error carries the document.
        raise BatchError(400, len(text)) from None
    if len(found) > MOST_EVENTS:
        raise BatchError(413, len(text))
    rows: list[Row] = []
    refused: dict[str, Refusal] = {}
    for position, each in enumerate(found):
        event = _checked(each, source, store_id)
        if isinstance(event, Refusal):
            refused.update(dict.fromkeys(_id_of(each), event))
        else:
            rows.append(Row(event["id"], position, event["type"], event["subject"], event["time"]))
    return Batch(rows, refused, len(text))


def _checked(event: Any, source: str, store_id: str) -> Any:
    """The event, or why it is refused."""
    written = json.dumps(event)
    try:
        envelope = Envelope.model_validate_json(written, extra="ignore")
    except ValidationError:
        return Refusal.BAD_ENVELOPE
    form = _ONE.get(envelope.type)
    if form is None:
        return Refusal.UNKNOWN_TYPE
    try:
        whole = form.validate_json(written, extra="ignore")
    except ValidationError:
        return Refusal.BAD_DATA
    return whole if _is_of(whole, source, store_id) else Refusal.BAD_ENVELOPE


def _is_of(event: Mapping[str, Any], source: str, store_id: str) -> bool:
    """Whether an event speaks of the store that sends it, and of whom it says it does."""
    data, subject = event["data"], event["subject"]
    return bool(
        event["source"] == source
        and data["store"] == store_id
        and data.get("member", subject) == subject
    )


def _id_of(event: Any) -> Iterator[str]:
    if isinstance(event, dict):
        try:
            yield _ID.validate_python(event.get("id"))
        except ValidationError:
            return

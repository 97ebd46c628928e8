"""Leaves of an event what the contract names: a field that nobody here knows goes no further."""

import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from core.events.contract import DATA
from core.events.shapes import Envelope

_Fields = Mapping[str, Any]
"""By name, the fields within; None: there are none."""


def known(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event that keeps the contract, without what else it says."""
    left: dict[str, Any] = _left(event, _ENVELOPE)
    return left | {"data": _left(event["data"], _OF_DATA[event["type"]])}


def _fields(model: type[BaseModel]) -> _Fields:
    return {name: _within(field.annotation) for name, field in model.model_fields.items()}


def _within(annotation: object) -> _Fields | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _fields(annotation)
    found = (_within(part) for part in typing.get_args(annotation))
    return next((fields for fields in found if fields is not None), None)


def _left(value: Any, fields: _Fields | None) -> Any:
    if fields is None:
        return value
    if isinstance(value, list):
        return [_left(each, fields) for each in value]
    if isinstance(value, dict):
        return {
            name: _left(value[name], within) for name, within in fields.items() if name in value
        }
    return value


_ENVELOPE = _fields(Envelope)
_OF_DATA = {kind.value: _fields(model) for kind, model in DATA.items()}

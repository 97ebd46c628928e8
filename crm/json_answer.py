"""Reads what a CRM answers in JSON. What is not of the agreed form is no answer at all."""

from collections.abc import Mapping
from typing import Any

from crm.shape import TemporaryCrmError

Row = Mapping[str, Any]


def record(value: object) -> Row:
    """`value` if it is a JSON object, else TemporaryCrmError."""
    if not isinstance(value, dict):
        raise TemporaryCrmError("unreadable_answer")
    return value


def rows(value: object) -> list[Row]:
    """`value` if it is a list of JSON objects, else TemporaryCrmError."""
    if not isinstance(value, list):
        raise TemporaryCrmError("unreadable_answer")
    return [record(each) for each in value]


def text(row: Row, name: str) -> str:
    """A field that must be there as text, else TemporaryCrmError."""
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise TemporaryCrmError("unreadable_answer")
    return value

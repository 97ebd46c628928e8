"""The published schemas of events, as whoever builds a CRM would use them."""

import functools
import json
from pathlib import Path

import jsonschema_rs

FOLDER = Path(__file__).parents[1] / "docs" / "events"
EXAMPLES = json.loads((FOLDER / "examples.json").read_text("utf-8"))


def faults(event):
    """What is wrong with an event: its envelope, and what it carries."""
    of_envelope = _schema("envelope").iter_errors(event)
    of_data = _schema(event["type"]).iter_errors(event["data"])
    return [error.message for error in (*of_envelope, *of_data)]


@functools.cache
def _schema(name):
    schema = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)

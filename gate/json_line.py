"""One JSON object a line."""

import json
from collections.abc import Mapping
from typing import Any

from gate.checks import ProtocolError


def read(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        # Without its cause: a JSON error carries the whole text.
        raise ProtocolError("line", "must be JSON") from None
    if not isinstance(values, dict):
        raise ProtocolError("line", "must be a JSON object")
    return values


def write(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"

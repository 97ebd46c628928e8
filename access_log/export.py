"""Writes what was found in the access log, as CSV or JSON."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from access_log.entries import Entry
from access_log.sessions import COLUMNS


def as_csv(
    rows: Iterable[Mapping[str, Any]], out: TextIO, columns: Sequence[str] = COLUMNS
) -> None:
    """One line a session; several values of a field stand apart by a blank."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])


def as_json(rows: Iterable[Mapping[str, Any]], about: Mapping[str, object], out: TextIO) -> None:
    """What was asked, by whom, where the chain stood then, and what was found."""
    json.dump({**about, "sessions": list(rows)}, out, ensure_ascii=False, indent=1)
    out.write("\n")


def as_records(entries: Iterable[Entry], out: TextIO) -> None:
    """One JSON object a line: each row as it is hashed, and its hash.

    So whoever has the line before can see that this one follows it: SHA-256 of that one's hash,
    as octets, and of `row`, keys in order and no spaces.
    """
    for entry in entries:
        line = {"row": entry.hashed, "hash": entry.hash.hex()}
        out.write(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = [f"{name}={each}" for name, each in value.items()]
    text = " ".join(map(str, value)) if isinstance(value, list) else value
    # A spreadsheet would take it for a formula. Telephone numbers begin with +.
    return f"'{text}" if isinstance(text, str) and text[:1] in {"=", "@", "-"} else text

"""`verified.json` in `data_dir`: what came of the last look at each log, and where it stood.

The next look goes on from there: what was whole then has to lead to what is there now.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

from core import whole_file

NAME = "verified.json"
ACCESS_LOG, AUDIT_LOG, FLOWS = "access_log", "audit_log", "flows"


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    at: dt.datetime
    trouble: str
    """Empty: it is whole."""
    count: int
    """Of rows or blocks that are as they were written."""
    head: str
    """NUMBER:HASH of the last one, the last time that all was whole."""


def read(data_dir: Path) -> Mapping[str, Result]:
    """By log. What cannot be read was never looked at."""
    try:
        found = json.loads((data_dir / NAME).read_text())
        return {
            log: Result(
                dt.datetime.fromisoformat(said["at"]),
                str(said["trouble"]),
                int(said["count"]),
                str(said["head"]),
            )
            for log, said in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write(data_dir: Path, log: str, result: Result) -> None:
    """A log in trouble keeps the head of before."""
    known = dict(read(data_dir))
    if result.trouble and log in known:
        result = dataclasses.replace(result, head=known[log].head)
    known[log] = result
    document = {
        name: {"at": each.at.isoformat(), "trouble": each.trouble, "count": each.count}
        | {"head": each.head}
        for name, each in known.items()
    }
    content = (json.dumps(document, indent=1) + "\n").encode()
    # Root may have looked by hand: the jobs go on with it.
    whole_file.replace(data_dir / NAME, content, mode=0o600, owner_of=data_dir)


def forget(data_dir: Path) -> None:
    """As after a restore: what is there now is another."""
    (data_dir / NAME).unlink(missing_ok=True)

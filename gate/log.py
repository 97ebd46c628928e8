"""Log lines of the same form as `core.log` writes, from the standard library alone."""

import datetime as dt
import json
import logging
import os
import sys

# Of sd-daemon(3), for systemd's journal.
_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


class _JsonLines(logging.Formatter):
    def __init__(self, *, for_journal: bool = False) -> None:
        super().__init__()
        self._for_journal = for_journal

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "part": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, "values", {})
        if record.exc_info and record.exc_info[0]:
            # The sort alone: a message might repeat an address.
            line["error"] = record.exc_info[0].__name__
        text = json.dumps(line)
        return f"<{_PRIORITIES.get(str(line['level']), 6)}>{text}" if self._for_journal else text


def configure(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(for_journal=_goes_to_journal()))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def _goes_to_journal() -> bool:
    """Whether standard error is the very stream that systemd has opened for this service."""
    try:
        stream = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stream.st_dev}:{stream.st_ino}"

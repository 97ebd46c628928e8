"""Structured logs on standard error: one JSON object a line, no personal data.

A line is an event name and values. Values that are strings are allowed only when
they were written by us (identifiers, reasons, sorts of error), never what a phone
or a person sent; `Mac` and `PhoneNumber` print as hidden if they slip through.
"""

import datetime as dt
import json
import logging
import sys
from typing import Any

# These log addresses of requests, which may hold a phone number, or every step they take.
_TALKATIVE = ("httpx", "httpcore", "urllib3", "werkzeug", "alembic", "apscheduler")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "part": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, "values", {})
        if record.exc_info and record.exc_info[0]:
            # The sort and the place, not the message: messages of libraries repeat values.
            line["error"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        return json.dumps(line, ensure_ascii=False, default=repr)


def _where(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def configure(level: str = "info") -> None:
    """Send every log line of this process to standard error in our form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class Log:
    """A part's log: `Log("crm").info("batch sent", events=20)`."""

    def __init__(self, part: str) -> None:
        self._logger = logging.getLogger(part)

    def debug(self, event: str, **values: object) -> None:
        self._logger.debug(event, extra={"values": values})

    def info(self, event: str, **values: object) -> None:
        self._logger.info(event, extra={"values": values})

    def warning(self, event: str, **values: object) -> None:
        self._logger.warning(event, extra={"values": values})

    def error(self, event: str, **values: object) -> None:
        self._logger.error(event, extra={"values": values})

    def exception(self, event: str, **values: object) -> None:
        """Log an error that is being handled: its sort and place, never its message."""
        self._logger.exception(event, extra={"values": values})  # noqa: LOG004 - callers are

"""Structured logs on standard error: one JSON object a line, no personal data.

A line is an event name and values. Values that are strings are allowed only when
they were written by us (identifiers, reasons, sorts of error), never what a phone
or a person sent; `Mac` and `PhoneNumber` print as hidden if they slip through.

Lines of one request, and of one turn of a job, bear its number. In systemd's journal each line
has its priority as well (sd-daemon(3)), so that `journalctl -p err` finds it.
"""

import datetime as dt
import json
import logging
import os
import sys
from contextvars import ContextVar
from typing import Any

# These log addresses of requests, which may hold a phone number, or every step they take.
_TALKATIVE = ("httpx", "httpcore", "urllib3", "werkzeug", "alembic", "apscheduler")


_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}

_about: ContextVar[tuple[str, str] | None] = ContextVar("about", default=None)


def begin(kind: str, number: str) -> None:
    """All lines of this thread are from now on about this request, or this run of a job."""
    _about.set((kind, number))


def end() -> None:
    _about.set(None)


def current_id() -> str:
    """The number of what is under way; "" outside of requests and jobs."""
    about = _about.get()
    return about[1] if about else ""


class _JsonLines(logging.Formatter):
    def __init__(self, *, for_journal: bool = False) -> None:
        super().__init__()
        self._for_journal = for_journal

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "part": record.name,
            "event": record.getMessage(),
        }
        about = _about.get()
        if about:
            line[about[0]] = about[1]
        line |= getattr(record, "values", {})
        if record.exc_info and record.exc_info[0]:
            # The sort and the place, not the message: messages of libraries repeat values.
            line["error"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        text = json.dumps(line, ensure_ascii=False, default=repr)
        return f"<{_PRIORITIES.get(line['level'], 6)}>{text}" if self._for_journal else text


def _where(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""


def configure(level: str = "info") -> None:
    """Send every log line of this process to standard error in our form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(for_journal=_goes_to_journal()))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _goes_to_journal() -> bool:
    """Whether standard error is the very stream that systemd has opened for this service."""
    try:
        stream = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stream.st_dev}:{stream.st_ino}"


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

"""Log lines of the same form as `core.log` writes, from the standard library alone."""

import datetime as dt
import json
import logging
import sys


class _JsonLines(logging.Formatter):
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
        return json.dumps(line)


def configure(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)

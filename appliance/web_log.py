"""What gunicorn has to say becomes a line like any other, without the address of a page."""

import logging
import re
from typing import Any

from gunicorn import glogging

# What may be in a line: numbers of processes, names of signals.
_PLAIN = re.compile(r"\d+|SIG[A-Z0-9]+")


class WebLog(glogging.Logger):  # type: ignore[misc]  # gunicorn has no types
    """Errors alone, and through `core.log`. gunicorn's own lines name pages and quote requests."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.loglevel = logging.ERROR
        self.error_log = logging.getLogger("web")
        self.error_log.setLevel(logging.ERROR)

    def critical(self, msg: str, *args: object, **_: object) -> None:
        self.error_log.critical(_said(msg, args))

    def error(self, msg: str, *args: object, **_: object) -> None:
        self.error_log.error(_said(msg, args))

    def exception(self, msg: str, *args: object, **_: object) -> None:
        self.error_log.exception(_said(msg, args))

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing: an address and a page are somebody's."""


def _said(message: str, args: tuple[object, ...]) -> str:
    plain = all(_PLAIN.fullmatch(str(each)) for each in args)
    return message % args if args and plain else message.split("%", maxsplit=1)[0].strip()

"""WSGI middleware: counts requests and how long they take, by sort of page; never by address."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core import health_answer
from core.metrics import counted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

ROUTE = "doorman.route"
"""Where in the environment the application says which sort of page it is."""


class Measured:
    def __init__(self, application: "WSGIApplication", program: str, unnamed: str) -> None:
        """`unnamed`: the sort of what the application does not name."""
        self._application = application
        self._program = program
        self._unnamed = unnamed

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        status = "500"

        def note(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status
            status = line.partition(" ")[0]
            return start_response(line, headers, *error)

        begun = time.perf_counter()
        try:
            return self._application(environ, note)
        finally:
            is_health = environ.get("PATH_INFO") == health_answer.PATH
            route = environ.get(ROUTE, "health" if is_health else self._unnamed)
            counted.REQUESTS.add(self._program, route, status)
            taken_s = time.perf_counter() - begun
            counted.REQUEST_DURATION.observe(self._program, route, value=taken_s)

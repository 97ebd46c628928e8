"""Answers load balancers and monitors that ask a web program whether it is well. WSGI, no Flask.

Anybody may ask, so the answer says nothing but that.
"""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

    from core.database import Database

PATH = "/health"
READY_PATH = "/health/ready"
"""The same, also where `PATH` is a page for people."""
ALIVE_PATH = "/health/alive"
"""Whether this process answers at all, whatever its database does."""

_READS = frozenset({"GET", "HEAD"})


class HealthAnswer:
    """WSGI middleware: answers these by itself, and leaves all else to `application`."""

    def __init__(
        self,
        application: "WSGIApplication",
        is_well: Callable[[], bool],
        *,
        has_page: bool = False,
    ) -> None:
        """`has_page`: whether `application` has a page of its own at `PATH`."""
        self._application = application
        self._is_well = is_well
        self._paths = {READY_PATH, ALIVE_PATH} if has_page else {PATH, READY_PATH, ALIVE_PATH}

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        path = environ.get("PATH_INFO")
        if path not in self._paths or method not in _READS:
            return self._application(environ, start_response)
        is_well = path == ALIVE_PATH or self._is_well()
        body = json.dumps({"status": "ok" if is_well else "failing"}).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response("200 OK" if is_well else "503 Service Unavailable", headers)
        return [] if method == "HEAD" else [body]


def answers(database: "Database") -> Callable[[], bool]:
    """Whether `database` does: what no web program of ours can do without."""
    import sqlalchemy as sa  # noqa: PLC0415 - who only asks needs none, and it is 20 MiB

    def is_well() -> bool:
        try:
            with database.reading() as session:
                session.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError:
            return False
        return True

    return is_well

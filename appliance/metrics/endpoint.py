"""`/metrics`: what Prometheus fetches, beside the pages for people. Needs a token of its own scope.

Figures for programs are withheld where they are small; these are not, so a token for those
opens none of these.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from prometheus_client import Metric
from prometheus_client.exposition import choose_encoder
from werkzeug.wrappers import Request, Response

from analytics.api import tokens
from core.database import Database
from core.models.api_token import Scope
from core.sealing import Sealer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

PATH = "/metrics"
_READS = frozenset({"GET", "HEAD"})
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Source(Protocol):
    """What has metrics: a registry of the library's, or `Collection`."""

    def collect(self) -> Iterable[Metric]: ...


class Endpoint:
    """A WSGI application of one address."""

    def __init__(
        self,
        source: Source,
        database: Database,
        sealer: Sealer,
        clock: Callable[[], dt.datetime],
        today: Callable[[dt.datetime], dt.date],
    ) -> None:
        """`today`: the date that a token's use is noted under."""
        self._source = source
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._today = today

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        response = self._answer(Request(environ))
        response.headers.update(_HEADERS)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path not in {"", "/"}:
            return Response("not found\n", 404)
        if request.method not in _READS:
            return Response("only to read\n", 405, {"Allow": "GET"})
        if not self._is_let_in(request):
            say = "show a token for metrics: doorman token add NAME --scope metrics\n"
            return Response(say, 401, {"WWW-Authenticate": "Bearer"})
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(self._source), content_type=content_type)

    def _is_let_in(self, request: Request) -> bool:
        given = request.authorization
        token = given.token if given and given.type == "bearer" else None
        now = self._clock()
        if not token:
            return False
        today = self._today(now)
        return tokens.is_good(self._database, self._sealer, token, now, today, scope=Scope.METRICS)

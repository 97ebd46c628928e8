"""A number for each request, so that a page, its log lines and headquarters' can be matched.

It comes from the web server in front, or from the store that asks, if it has the form that
nginx gives it; else it is made here. It says nothing of who asks.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from core import log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

HEADER = "X-Request-ID"

_VARIABLE = "HTTP_" + HEADER.upper().replace("-", "_")
# 32 from nginx; nothing else gets into a log line or a header.
_FORM = re.compile(r"[0-9a-f]{16,32}")
_SPOKEN = 8


def new() -> str:
    return secrets.token_hex(8)


def spoken() -> str:
    """As much of the present one as a person reads out to another: `3f9a 01c2`; "" if none."""
    text = log.current_id()[:_SPOKEN]
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


class RequestIds:
    """WSGI middleware: gives each request its number, in every log line and in the answer."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        told = environ.get(_VARIABLE, "")
        number = told if _FORM.fullmatch(told) else new()
        log.begin("request", number)

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, (HEADER, number)], *more)

        try:
            answer: Iterable[bytes] = self._application(environ, begin)
        except BaseException:
            log.end()
            raise
        is_file = isinstance(answer, environ.get("wsgi.file_wrapper", ()))
        if not is_file:
            return _Answer(answer)
        # The server sends it by itself.
        log.end()
        return answer


class _Answer:
    """What is written while an answer is being sent belongs to its request, too."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            close = getattr(self._parts, "close", None)
            if close:
                close()
        finally:
            log.end()

"""Which addresses a web program can make nothing of: bytes that are no text, control characters.

No browser writes such a one, no database of ours can be asked for it, and Flask fails at it even
in the page that says so. Percent signs may spell what they like: `%FF` is read as these three
letters.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

UNREADABLE = "doorman.unreadable"
"""In the environment of a request that the application is to answer with 400."""

_CONTROL = frozenset(range(0x20)) | {0x7F}


class ReadableTarget:
    """WSGI middleware: takes away a query that cannot be read, and says so in the environment."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1")
        query = environ.get("QUERY_STRING", "").encode("latin-1")
        if not (_is_text(query) and _CONTROL.isdisjoint(path + unquote_to_bytes(query))):
            environ = {**environ, "QUERY_STRING": "", UNREADABLE: True}
        return self._application(environ, start_response)


def _is_text(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True

"""What FreeRADIUS asks over HTTP, on this machine's loopback address alone.

Its module `rlm_rest` posts each packet's attributes as JSON. Whoever does not show the password
that FreeRADIUS' configuration holds learns and changes nothing.

    POST /authorise   200 what to answer | 401 refuse the phone
    POST /accounting  204 taken down, acknowledge it
    GET /state        200 how long ago each gateway was heard, for `doorman doctor`; no password
"""

import base64
import contextlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.log import Log
from gear.radius import answers, words
from gear.radius.desk import Desk
from gear.radius.words import WordsError

_log = Log("gear")

USER = "freeradius"
_MOST_BYTES = 64 * 1024
_SILENCE_S = 5.0


class _Handler(BaseHTTPRequestHandler):
    """Of HTTP/1.0: a connection kept would outlive the gate's restart on FreeRADIUS' side alone."""

    timeout = _SILENCE_S
    server: "_Server"

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self._answer(413)
            return
        body = self.rfile.read(int(length))
        if not hmac.compare_digest(
            self.headers.get("Authorization", "").encode("latin-1"), self.server.authorization
        ):
            self._answer(403)
            return
        try:
            self._do(words.read_object(body))
        except WordsError as error:
            # Not what was wrong with whom: only the sort of it.
            _log.warning("gateway not understood", problem=str(error))
            self._answer(401 if self.path == "/authorise" else 204)
        except Exception:  # noqa: BLE001 - FreeRADIUS then refuses, and others are served
            _log.exception("gateway not answered")
            self._answer(500)

    def do_GET(self) -> None:
        if self.path != "/state":
            self._answer(404)
            return
        heard = {nas: round(age, 1) for nas, age in self.server.desk.memory.silence_s().items()}
        self._answer(200, {"heard_s_ago": heard})

    def _do(self, found: dict[str, Any]) -> None:
        match self.path:
            case "/authorise":
                answer = self.server.desk.authorise(found)
                if answer is None:
                    self._answer(401)
                else:
                    self._answer(200, answers.as_json(answer))
            case "/accounting":
                self.server.desk.report(found)
                self._answer(204)
            case _:
                self._answer(404)

    def _answer(self, status: int, values: dict[str, object] | None = None) -> None:
        body = b"" if values is None else json.dumps(values).encode()
        self.send_response(status)
        if status != 204:  # noqa: PLR2004 - no content
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a request's line says nothing that our own log does not."""


class _Server(ThreadingHTTPServer):
    # Waited for at the end: what is answered is of the memory that is closed then.
    daemon_threads = False
    # A process that was killed leaves connections behind that nobody will finish.
    allow_reuse_address = True

    def __init__(self, port: int, password: str, desk: Desk) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        shown = base64.b64encode(f"{USER}:{password}".encode())
        self.authorization = b"Basic " + shown
        self.desk = desk

    def handle_error(self, *_: object) -> None:
        """A caller that went away, or is silent: not the trace that the base class prints."""
        _log.debug("caller gone or silent")


@contextlib.contextmanager
def running(port: int, password: str, desk: Desk) -> Iterator[None]:
    with _Server(port, password, desk) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.1,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()

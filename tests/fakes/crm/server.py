"""What the fakes of hosted CRMs have in common: a web server on this machine, in this process.

A fake answers by its CRM's documented rules. Before that come the faults that a test has ordered,
one a request: an answer, or a connection that breaks before or after the CRM has acted.
"""

import collections
import dataclasses
import http.server
import json
import threading
import urllib.parse


@dataclasses.dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclasses.dataclass
class Reply:
    status: int
    body: object = None
    headers: dict = dataclasses.field(default_factory=dict)


class RefusedError(Exception):
    """The fake says no, by this reply."""

    def __init__(self, reply):
        super().__init__(reply.status)
        self.reply = reply


BREAK_BEFORE, BREAK_AFTER = object(), object()


class FakeCrm(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 32

    def __init__(self, address="127.0.0.1"):
        super().__init__((address, 0), _Handler)
        self.url = f"http://{address}:{self.server_port}"
        self.requests = []
        self.faults = collections.deque()
        self.ahead_s = 0.0
        self.lock = threading.Lock()

    def __enter__(self):
        self._thread = threading.Thread(target=self.serve_forever, args=(0.005,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self._thread.join()
        self.server_close()

    def order(self, *faults):
        """Faults for the next requests, in order; None lets one through."""
        self.faults.extend(faults)

    def asked(self, path):
        """The requests whose path ends so."""
        return [request for request in self.requests if request.path.endswith(path)]

    def take(self, request):
        with self.lock:
            self.requests.append(request)
            fault = self.faults.popleft() if self.faults else None
            if fault is BREAK_BEFORE:
                return None
            if isinstance(fault, Reply):
                return fault
            try:
                reply = self.answer(request)
            except RefusedError as error:
                reply = error.reply
            return None if fault is BREAK_AFTER else reply

    def answer(self, request):
        raise NotImplementedError

    def handle_error(self, request, client_address):
        """A client that hangs up is part of the test."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer goes in two pieces; the second would wait 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True

    def _take(self):
        length = int(self.headers.get("content-length") or 0)
        parts = urllib.parse.urlsplit(self.path)
        request = Request(
            self.command,
            parts.path,
            dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        reply = self.server.take(request)
        if reply is None:
            self.close_connection = True
            self.connection.close()
            return
        body = reply.body
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self._take()

    def do_POST(self):
        self._take()

    def do_PUT(self):
        self._take()

    def do_PATCH(self):
        self._take()

    def do_DELETE(self):
        self._take()

    def log_message(self, *_):
        """Tests are quiet."""

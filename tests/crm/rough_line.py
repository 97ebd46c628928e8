"""A line between sender and CRM on which requests and answers are cut, doubled and shuffled."""

import http.client
import http.server
import json
import random
import threading
from urllib.parse import urlsplit

WAYS = ("whole",) * 6 + ("cut", "answer_lost", "doubled", "late", "shuffled")


class RoughLine(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, crm_url, seed):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.crm, self.chance = urlsplit(crm_url), random.Random(seed)
        self.turn = threading.Lock()
        self.had = []
        self.is_rough = True
        self.url = f"http://127.0.0.1:{self.server_port}{self.crm.path}"

    def __enter__(self):
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self._thread.join()
        self.server_close()

    def way(self, request):
        """What happens to a request, and one of those before it."""
        with self.turn:
            self.had = [*self.had[-50:], request]
            way = self.chance.choice(WAYS) if self.is_rough else "whole"
            return way, self.chance.choice(self.had)

    def forward(self, headers, body):
        connection = http.client.HTTPConnection(self.crm.hostname, self.crm.port, timeout=5)
        try:
            connection.request("POST", self.crm.path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def shuffled(self, answer):
        """The same rows in another order, and some of them twice."""
        rows = json.loads(answer)["results"]
        with self.turn:
            rows += self.chance.sample(rows, len(rows) // 3)
            self.chance.shuffle(rows)
        return json.dumps({"results": rows}).encode()

    def handle_error(self, request, client_address):
        """A client or a CRM that hangs up is part of the test."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        line = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name: self.headers[name] for name in self.headers if _is_passed_on(name)}
        way, earlier = line.way((headers, body))
        if way == "cut":
            self.close_connection = True
            return
        status, answer = line.forward(headers, body)
        if way == "doubled":
            status, answer = line.forward(headers, body)
        if way == "late":
            line.forward(*earlier)
        if way == "answer_lost":
            self.close_connection = True
            return
        if way == "shuffled" and status == http.HTTPStatus.OK:
            answer = line.shuffled(answer)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Tests are quiet."""


def _is_passed_on(name):
    return name.lower().startswith("webhook-") or name.lower() == "content-type"

import http.server
import threading

import pytest

from core import log
from core.headquarters_line import Line
from core.request_id import HEADER


class Headquarters(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.numbers.append(self.headers[HEADER])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def headquarters():
    with http.server.HTTPServer(("127.0.0.1", 0), Headquarters) as server:
        server.numbers = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_question_has_the_number_of_the_request_that_it_is_put_for(headquarters, now):
    line = Line(f"http://127.0.0.1:{headquarters.server_port}", bytes(32), "store-7")
    log.begin("request", "0123456789abcdef")
    line.ask("/v1/sms", {}, now)
    log.end()
    line.ask("/v1/sms", {}, now)

    first, second = headquarters.numbers
    assert first == "0123456789abcdef"
    assert len(second) == 16
    assert second != first

"""The other side may be anybody: what it answers is believed if it is of the form asked for."""

import contextlib
import http.server
import json
import threading

import pytest

from crm.comparison import Kind, Range
from crm.counterpart import WebCounterpart
from crm.shape import TemporaryCrmError
from crm.signed_question import SignedQuestions

FIRST, SECOND, THIRD = (f"01ARZ3NDEKTSV4RRFFQ69G5FA{number}" for number in range(3))


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Tests are quiet."""


@pytest.fixture(scope="module")
def server():
    with http.server.HTTPServer(("127.0.0.1", 0), _Handler) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.02,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def counterpart(server, now):
    url = f"http://127.0.0.1:{server.server_port}/reconcile"
    questions = SignedQuestions(url, bytes(32), 5, lambda: now, {}, setting="crm.reconcile_url")
    with contextlib.closing(WebCounterpart(questions)) as made:
        yield made


def test_what_is_of_the_form_is_believed(server, counterpart):
    rows = [[FIRST, "4"], [SECOND, "erased"], [THIRD, f"merged {FIRST}"]]
    server.answer = {"rows": rows, "more": False}

    assert counterpart.rows(Kind.MEMBERS, "", "~") == dict(rows)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        pytest.param(Kind.MEMBERS, [FIRST, None], id="no-version"),
        pytest.param(Kind.MEMBERS, [FIRST, "new"], id="a-version-that-is-a-word"),
        pytest.param(Kind.MEMBERS, [FIRST, str(2**40)], id="a-version-beyond-the-column"),
        pytest.param(Kind.MEMBERS, [FIRST, "merged Li"], id="merged-into-nobody"),
        pytest.param(Kind.MEMBERS, ["Li", "4"], id="no-members-id"),
        pytest.param(Kind.DAYS, ["2026-02-30", "2026-03-01T00:00:00Z"], id="no-date"),
        pytest.param(Kind.DAYS, ["2026-02-28", "soon"], id="no-moment"),
        pytest.param(Kind.DAYS, [["2026-02-28"], "soon"], id="no-text"),
    ],
)
def test_a_row_of_another_form_is_an_answer_that_nobody_can_read(server, counterpart, kind, row):
    server.answer = {"rows": [row], "more": False}

    with pytest.raises(TemporaryCrmError, match="unreadable_answer"):
        counterpart.rows(kind, "", "~")


def test_a_side_that_gives_the_same_page_for_ever_is_not_asked_for_ever(server, counterpart):
    server.answer = {"rows": [[FIRST, "4"]], "more": True}

    with pytest.raises(TemporaryCrmError, match="unreadable_answer"):
        counterpart.rows(Kind.MEMBERS, "", "~")


@pytest.mark.parametrize("places", [[1], [-1], ["0"], [None], 0, [[0]]])
def test_a_place_that_was_not_asked_about_is_no_answer(server, counterpart, places):
    server.answer = {"differing": places}

    with pytest.raises(TemporaryCrmError, match="unreadable_answer"):
        counterpart.differing(Kind.MEMBERS, [Range("", "~", 0, "")])

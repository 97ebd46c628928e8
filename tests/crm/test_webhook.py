import contextlib
import datetime as dt
import http.server
import json
import logging
import socket
import threading
import time

import pytest
from standardwebhooks import Webhook

from core import clock
from core.log import _JsonLines
from core.outbox import EventType
from core.settings import SettingsError
from crm.event import Event
from crm.shape import Answer, Outcome, PermanentCrmError, Refusal, TemporaryCrmError
from crm.webhook import WebhookCrm
from tests.crm.desk import CANARY

KEY = bytes(range(32))


def event(number=0):
    return Event.telling(
        {"phone": CANARY},
        id=f"01ARZ3NDEKTSV4RRFFQ69G5F{number:02}",
        type="doorman.member.enrolled",
        source="/stores/demo",
        subject=f"M{number}",
        time=dt.datetime(2026, 5, 16, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=8))),
    )


BATCH = [event(0), event(1)]
ACCEPTED, DUPLICATE = Answer(Outcome.ACCEPTED), Answer(Outcome.DUPLICATE)


class Server(http.server.ThreadingHTTPServer):
    """A CRM's web server that gives one answer to all, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.headers, self.body = 200, {}, b""
        self.trickle_s = 0.0
        self.requests = []
        self.url = f"http://127.0.0.1:{self.server_port}/events"

    def answer(self, status, body=b"", **headers):
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()

    def handle_error(self, request, client_address):
        """A client that hangs up is part of the test."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.requests.append((self.path, headers, body, self.client_address))
        self.send_response(server.status)
        for name, value in {"Content-Length": str(len(server.body)), **server.headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        for byte in server.body if server.trickle_s else [server.body]:
            self.wfile.write(bytes([byte]) if server.trickle_s else byte)
            time.sleep(server.trickle_s)

    def log_message(self, *_):
        """Tests are quiet."""


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@contextlib.contextmanager
def crm_at(url, timeout_s=5.0, at=clock.now):
    with contextlib.closing(WebhookCrm(url, KEY, timeout_s, at)) as crm:
        yield crm


@pytest.fixture
def crm(server):
    with crm_at(server.url) as crm:
        yield crm


def results(*rows):
    return {"results": list(rows)}


def test_a_batch_is_one_signed_request_of_cloudevents(server, crm):
    server.answer(200, results())

    crm.send(BATCH)

    [(path, headers, body, _)] = server.requests
    assert path == "/events"
    assert headers["content-type"] == "application/cloudevents-batch+json"
    assert Webhook(KEY).verify(body, headers)[0] == {
        "specversion": "1.0",
        "id": BATCH[0].id,
        "source": "/stores/demo",
        "type": "doorman.member.enrolled",
        "subject": "M0",
        "time": "2026-05-16T06:30:00.000Z",
        "datacontenttype": "application/json",
        "data": {"phone": CANARY},
    }


def test_the_same_batch_has_the_same_id_also_from_another_process(server, crm):
    server.answer(200, results())

    crm.send(BATCH)
    with crm_at(server.url) as restarted:
        restarted.send(BATCH)
        restarted.send(BATCH[:1])

    first, second, other = [headers["webhook-id"] for _, headers, _, _ in server.requests]
    assert first == second != other


def test_visit_rows_go_to_headquarters_alone(server, crm):
    with contextlib.closing(WebhookCrm(server.url, KEY, 5, clock.now, is_headquarters=True)) as hq:
        assert hq.takes - crm.takes == {EventType.VISITS_DAY}


def test_the_connection_is_kept_open(server, crm):
    server.answer(200, results())

    crm.send(BATCH)
    crm.send(BATCH)

    assert len({client for _, _, _, client in server.requests}) == 1


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        pytest.param({"status": "accepted"}, ACCEPTED, id="accepted"),
        pytest.param({"status": "accepted", "note": CANARY}, ACCEPTED, id="with-more-to-say"),
        pytest.param({"status": "duplicate"}, DUPLICATE, id="duplicate"),
        pytest.param(
            {"status": "refused", "reason": "bad_data"},
            Answer(Outcome.REFUSED, Refusal.BAD_DATA),
            id="refused",
        ),
        pytest.param(
            {"status": "refused", "reason": CANARY},
            Answer(Outcome.REFUSED, Refusal.OTHER),
            id="refused-in-its-own-words",
        ),
        pytest.param(
            {"status": "refused"},
            Answer(Outcome.REFUSED, Refusal.OTHER),
            id="refused-without-words",
        ),
        pytest.param({"status": "maybe"}, None, id="an-unknown-status-is-no-answer"),
        pytest.param({"status": ["accepted"]}, None, id="nor-is-a-list"),
        pytest.param({}, None, id="nor-is-silence"),
    ],
)
def test_each_event_gets_its_own_answer(server, crm, row, answer):
    server.answer(200, results({"id": BATCH[0].id, **row}, "noise", {"id": 7}))

    assert crm.send(BATCH).get(BATCH[0].id) == answer


def test_a_conflict_means_that_the_crm_had_the_whole_batch_before(server, crm):
    server.answer(409)

    assert crm.send(BATCH) == {event.id: DUPLICATE for event in BATCH}


@pytest.mark.parametrize(
    ("status", "error", "for_the_operator"),
    [
        (301, TemporaryCrmError, True),
        (400, TemporaryCrmError, True),
        (401, TemporaryCrmError, True),
        (403, TemporaryCrmError, True),
        (404, TemporaryCrmError, True),
        (405, TemporaryCrmError, True),
        (408, TemporaryCrmError, False),
        (410, TemporaryCrmError, True),
        (413, PermanentCrmError, False),
        (422, PermanentCrmError, False),
        (425, TemporaryCrmError, False),
        (429, TemporaryCrmError, False),
        (500, TemporaryCrmError, False),
        (502, TemporaryCrmError, False),
        (503, TemporaryCrmError, False),
        (504, TemporaryCrmError, False),
    ],
)
def test_each_status_has_its_outcome(server, crm, caplog, *, status, error, for_the_operator):
    server.answer(status, CANARY.encode(), Location="/elsewhere")

    with pytest.raises(error, match=f"http_{status}"):
        crm.send(BATCH)

    assert len(server.requests) == 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * for_the_operator


@pytest.mark.parametrize(
    ("status", "setting"), [(401, "crm.signing_key"), (403, "crm.signing_key"), (404, "crm.url")]
)
def test_a_wrong_setting_is_named_in_the_log(server, crm, caplog, status, setting):
    server.answer(status)

    with pytest.raises(TemporaryCrmError):
        crm.send(BATCH)

    [record] = caplog.records
    assert setting in _JsonLines().format(record)


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("120", 120),
        ("0", 0),
        ("Sat, 16 May 2026 06:31:30 GMT", 90),
        ("Saturday, 16-May-26 06:31:30 GMT", 90),
        ("Sat, 16 May 2026 06:31:30 -0000", 90),
        ("Sat, 16 May 2026 06:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("Sat, 99 May 2026 06:31:30 GMT", None),
        ("Sat, 16 May 99999999999999999999 06:31:30 GMT", None),
    ],
)
def test_retry_after_is_understood_in_seconds_and_as_a_date(server, now, value, wait_s):
    server.answer(429, Retry_After=value)

    with crm_at(server.url, at=lambda: now) as crm, pytest.raises(TemporaryCrmError) as caught:
        crm.send(BATCH)

    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>Log in to the Wi-Fi", id="somebody-elses-captive-portal"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(b'{"results": 7}', id="a-number-of-results"),
        pytest.param(b'{"result": []}', id="another-name"),
        pytest.param(b'{"results": [' + b"[" * 100_000, id="a-deep-hole"),
        pytest.param(b"\xff\xfe", id="no-text"),
    ],
)
def test_an_answer_of_another_form_is_no_answer_at_all(server, crm, body):
    server.answer(200, body)

    with pytest.raises(TemporaryCrmError, match="unreadable_answer"):
        crm.send(BATCH)


def test_an_endless_answer_is_cut_off(server, crm):
    server.answer(200, b" " * 2_000_000)

    with pytest.raises(TemporaryCrmError, match="answer_too_long"):
        crm.send(BATCH)


def test_a_crm_that_trickles_does_not_hold_us(server):
    server.answer(200, b" " * 100)
    server.trickle_s = 0.05

    with crm_at(server.url, timeout_s=0.3) as crm, pytest.raises(TemporaryCrmError, match="timed"):
        crm.send(BATCH)


def test_a_crm_that_says_nothing_does_not_hold_us():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"

        with crm_at(url, timeout_s=0.2) as crm, pytest.raises(TemporaryCrmError, match="timed_out"):
            crm.send(BATCH)


def test_a_crm_that_cannot_be_reached_may_be_later():
    with crm_at("http://127.0.0.1:1/") as crm, pytest.raises(TemporaryCrmError, match="no_answer"):
        crm.send(BATCH)


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/events",
        "http://127.0.0.1.example/",
        "ftp://127.0.0.1/",
        "crm",
        "http://[",
    ],
)
def test_personal_data_is_not_sent_in_the_clear(url):
    with pytest.raises(SettingsError, match=r"crm\.url must be https"):
        WebhookCrm(url, KEY, 1, clock.now)


def test_a_proxy_in_the_environment_gets_nothing(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    server.answer(200, results())

    with crm_at(server.url) as crm:
        assert crm.send(BATCH) == {}


@pytest.mark.parametrize("status", [200, 401, 413, 503])
def test_nothing_the_crm_says_is_repeated(server, crm, caplog, status):
    server.answer(status, CANARY.encode(), Retry_After=CANARY)

    with pytest.raises((TemporaryCrmError, PermanentCrmError)) as caught:
        crm.send(BATCH)

    chain = [caught.value, caught.value.__cause__]
    assert CANARY not in repr(chain)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert all(CANARY not in _JsonLines().format(record) for record in caplog.records)

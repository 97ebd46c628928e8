import http.server
import json
import socket
import threading

import pytest

from core import webhook_signature
from core.phone_number import PhoneNumber
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    SmsError,
    SmsMessage,
)
from portal.sms.webhook import WebhookSms
from portal.sms.wire import Wire

KEY = bytes(range(32))
NUMBER = PhoneNumber.from_e164("+8613800138000")
MESSAGE = SmsMessage(NUMBER, "012345 是您的验证码", "012345", 5, "zh")


class Carrier(http.server.BaseHTTPRequestHandler):
    """Answers with `status`, and keeps what it was sent."""

    status = 202
    taken: list

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.taken.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def carrier():
    handler = type("Handler", (Carrier,), {"taken": []})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_port}/sms"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_hands_the_message_over_signed(carrier, now):
    WebhookSms(carrier.url, KEY, Wire()).send(MESSAGE, now)

    ((path, headers, body),) = carrier.taken
    assert path == "/sms"
    assert json.loads(body) == {
        "to": "+8613800138000",
        "text": "012345 是您的验证码",
        "code": "012345",
        "language": "zh",
    }
    assert headers["content-type"] == "application/json"
    webhook_signature.check(KEY, headers, body, now)


def test_every_message_has_an_id_of_its_own(carrier, now):
    sms = WebhookSms(carrier.url, KEY, Wire())
    sms.send(MESSAGE, now)
    sms.send(MESSAGE, now)

    assert len({headers["webhook-id"] for _, headers, _ in carrier.taken}) == 2


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_means_taken(carrier, now, status):
    carrier.status = status

    WebhookSms(carrier.url, KEY, Wire()).send(MESSAGE, now)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, CarrierSetUpError),
        (401, CarrierSetUpError),
        (404, CarrierSetUpError),
        (422, NumberRefusedError),
        (429, NumberBusyError),
        (500, CarrierDownError),
        (503, CarrierDownError),
        (302, CarrierDownError),
    ],
)
def test_other_statuses_say_whose_fault_it_is(carrier, now, status, error):
    carrier.status = status

    with pytest.raises(error, match=str(status)):
        WebhookSms(carrier.url, KEY, Wire()).send(MESSAGE, now)


def test_a_carrier_that_is_not_there_may_be_later(now):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CarrierDownError):
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/sms"
            WebhookSms(url, KEY, Wire()).send(MESSAGE, now)


def test_a_carrier_that_never_answers_is_given_up(now):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/sms"
        with pytest.raises(CarrierDownError, match="Timeout"):
            WebhookSms(address, KEY, Wire(answer_s=0.2)).send(MESSAGE, now)


def test_errors_and_messages_show_nothing_of_the_person(carrier, now):
    carrier.status = 422
    with pytest.raises(SmsError) as caught:
        WebhookSms(carrier.url, KEY, Wire()).send(MESSAGE, now)

    for text in (str(caught.value), repr(caught.value), repr(MESSAGE), str(MESSAGE)):
        assert "13800138000" not in text
        assert "012345" not in text

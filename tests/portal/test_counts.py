"""The way online leaves counts, and no more than that."""

import pytest

from core.metrics import counting
from core.metrics.measured import Measured
from portal import counts
from portal.sms.shape import CarrierDownError
from tests.metric_values import value


@pytest.fixture
def change():
    """By how much a count has changed since it was first asked about."""
    before = {}

    def ask(name, **labels):
        now = value(f"doorman_{name}", **labels)
        key = name, *sorted(labels.items())
        return now - before.setdefault(key, now)

    return ask


def test_a_login_is_counted_step_by_step(phone, change):
    steps = [{"way": "sms", "outcome": each} for each in ("code_sent", "right_code", "online")]
    assert [change("logins_total", **each) for each in steps] == [0, 0, 0]

    phone.go_online()

    assert [change("logins_total", **each) for each in steps] == [1, 1, 1]


def test_a_login_that_is_extended_is_counted_once(phone, clock, change):
    change("logins_total", way="sms", outcome="online")
    phone.go_online()
    clock.pass_by(hours=3, minutes=30)
    phone.post("/extend")

    assert change("logins_total", way="sms", outcome="online") == 1


def test_wrong_codes_and_limits_are_counted(phone, carrier, change):
    change("logins_total", way="sms", outcome="wrong_code")
    change("refusals_total", reason="too_soon")
    phone.ask_code()
    phone.enter_code(f"{(int(carrier.code) + 1) % 1_000_000:06d}")
    phone.post("/resend")

    assert change("logins_total", way="sms", outcome="wrong_code") == 1
    assert change("refusals_total", reason="too_soon") == 1


def test_a_gate_that_fails_is_counted_with_the_way_that_it_stopped(phone, gate, change):
    change("logins_total", way="sms", outcome="gate_failed")
    phone.verify()
    gate.down = True
    phone.post("/consent")

    assert change("logins_total", way="sms", outcome="gate_failed") == 1


def test_what_a_carrier_says_is_counted(phone, carrier, change):
    sends = {"carrier": "webhook", "outcome": "down"}
    change("sms_sends_total", **sends)
    took = change("sms_send_duration_seconds_count", carrier="webhook")
    carrier.error = CarrierDownError("down")
    phone.ask_code()

    assert change("sms_sends_total", **sends) == 1
    assert change("sms_send_duration_seconds_count", carrier="webhook") == took + 1


@pytest.mark.parametrize(
    ("asked", "route", "status"),
    [
        ("get /", "page", "200"),
        ("post /login", "form", "422"),
        ("get /captive-portal/api", "api", "200"),
        ("get /static/portal.css", "file", "200"),
        ("get /13800138000", "unknown", "404"),
        ("get /generate_204", "redirect", "302"),
    ],
)
def test_requests_are_counted_by_sorts_of_pages(app, phone, change, *, asked, route, status):
    app.wsgi_app = Measured(app.wsgi_app, "portal", "redirect")
    labels = {"program": "portal", "route": route, "status": status}
    change("requests_total", **labels)

    method, path = asked.split()
    getattr(phone, method)(path)

    assert change("requests_total", **labels) == 1


def test_what_has_not_happened_yet_is_there_as_nothing():
    counts.begin()

    samples = {(each.name, *each.labels.values()) for m in counting.collect() for each in m.samples}
    assert ("doorman_logins_total", "sponsor", "gate_failed") in samples
    assert ("doorman_logins_total", "email", "code_not_sent") in samples
    assert ("doorman_refusals_total", "store_day") in samples
    assert ("doorman_passes_total", "ios") in samples

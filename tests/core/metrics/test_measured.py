import pytest

from core.metrics.measured import ROUTE, Measured
from tests.metric_values import value


def ask(application, **environ):
    return b"".join(Measured(application, "test", "unnamed")(environ, lambda *_: None))


def answering(status, route=None):
    def application(environ, start_response):
        if route:
            environ[ROUTE] = route
        start_response(status, [])
        return [b"text"]

    return application


@pytest.mark.parametrize(
    ("application", "environ", "labels"),
    [
        pytest.param(answering("200 OK", "page"), {}, ("page", "200"), id="named"),
        pytest.param(answering("302 Found"), {}, ("unnamed", "302"), id="not-named"),
        pytest.param(answering("200 OK"), {"PATH_INFO": "/health"}, ("health", "200"), id="health"),
        pytest.param(
            answering("404 Not Found", "unknown"),
            {"PATH_INFO": "/+8613800138000"},
            ("unknown", "404"),
            id="an-address-is-no-label",
        ),
    ],
)
def test_a_request_is_counted_by_sort_and_status(application, environ, labels):
    route, status = labels
    counted = {"program": "test", "route": route, "status": status}
    before = value("doorman_requests_total", **counted)
    took = value("doorman_request_duration_seconds_count", program="test", route=route)

    assert ask(application, **environ) == b"text"

    assert value("doorman_requests_total", **counted) == before + 1
    assert value("doorman_request_duration_seconds_count", program="test", route=route) == took + 1


def test_a_request_that_breaks_is_counted_as_a_500():
    def application(_environ, _start_response):
        raise ZeroDivisionError

    counted = {"program": "test", "route": "unnamed", "status": "500"}
    before = value("doorman_requests_total", **counted)

    with pytest.raises(ZeroDivisionError):
        ask(application)

    assert value("doorman_requests_total", **counted) == before + 1

"""Requests that no browser sends, at every address of every web program of ours.

Whatever they are, they are the asker's fault: an answer, a page or JSON, and never a 500.
"""

import pytest

from analytics.api import document
from tests.attack.web_programs import (
    LARGE,
    PROGRAMS,
    dashboard,
    fleet,
    headquarters,
    portal,
    ways_in,
)

FORM = "application/x-www-form-urlencoded"
UNREADABLE = {"QUERY_STRING": "x=\xff\xfe"}
READING = {
    "address": UNREADABLE,
    "odd signs": {
        "QUERY_STRING": f"x=%ff%fe&%=%&lang=%ed%a0%80&page={LARGE}&day=0000-00-00&days={LARGE}",
        "HTTP_ACCEPT_LANGUAGE": "\xff;q=x,,;q=\x00",
        "HTTP_USER_AGENT": "\xff\x00",
        "HTTP_IF_MODIFIED_SINCE": "Sun, 99 Nov 99999999999 99:99:99 GMT",
        "HTTP_RANGE": "bytes=\xff",
        "HTTP_X_REQUEST_ID": "\xff",
    },
}
CHANGING = {
    "address": UNREADABLE,
    "origin": {"HTTP_ORIGIN": "http://["},
    "form": {
        "data": f"number={LARGE}&page=-{LARGE}&name=%00&text=%ed%a0%80&lang=%ff&phone=%00&code=\0",
        "content_type": FORM,
    },
    "form that is no text": {"data": b"phone=\xff\xfe&\xff=1", "content_type": FORM},
    "JSON": {"data": b'{"login": "\\ud800", "to": "\\u0000"}', "content_type": "application/json"},
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_no_odd_request_is_a_fault_of_ours(request, program):
    app, client = program(request)
    faults = set()
    for path, method in ways_in(app):
        for name, odd in (READING if method == "GET" else CHANGING).items():
            status = ask(client, path, method, odd).status_code
            # 503: what the settings leave out, such as mail.
            if status >= 500 and status != 503:
                faults.add((method, path, name))

    assert faults == set()


@pytest.mark.parametrize("query", ["x=\xff\xfe", "lang=%00"], ids=["no text", "NUL"])
@pytest.mark.parametrize(
    ("program", "path", "says"),
    [
        pytest.param(portal, "/", "<h1", id="portal"),
        pytest.param(dashboard, "/members", "<h1", id="dashboard"),
        pytest.param(dashboard, document.BASE + "/store", '"status": 400', id="figures"),
        pytest.param(fleet, "/", "<h1", id="fleet"),
        pytest.param(headquarters, "/wechat/callback", '"error":"Bad Request"', id="headquarters"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused(request, program, path, says, query):
    _, client = program(request)

    answer = ask(client, path, "GET", {"QUERY_STRING": query})

    assert answer.status_code == 400
    assert says in answer.text


def ask(client, path, method, odd):
    request = {name: value for name, value in odd.items() if name.islower()}
    variables = {name: value for name, value in odd.items() if name.isupper()}
    headers = {} if "HTTP_ORIGIN" in odd else {"Origin": "http://localhost"}
    return client.open(
        path,
        method=method,
        headers=headers,
        environ_overrides=variables,
        # Else a file that is served stays open.
        buffered=True,
        **request,
    )

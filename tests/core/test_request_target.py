import pytest
from werkzeug.test import Client

from core.request_target import UNREADABLE, ReadableTarget


def application(environ, start_response):
    start_response("200 OK", [])
    return [f"{environ['QUERY_STRING']} {UNREADABLE in environ}".encode()]


@pytest.mark.parametrize(
    "query",
    ["", "a=1&b=%20+%FF", "a=%ff%fe", "a=%", "a=%E5%AE%89", "a=\xe5\xae\x89"],
    ids=["none", "usual", "no text, spelt out", "half a sign", "Chinese", "Chinese as it is"],
)
def test_what_a_browser_may_write_is_left_as_it_is(query):
    assert ask(query=query) == f"{query} False"


@pytest.mark.parametrize(
    "odd",
    [{"query": "a=\xff\xfe"}, {"query": "a=%00"}, {"query": "%0d%0a"}, {"path": "/a\0"}],
    ids=["no text", "NUL", "a line's end", "in the path"],
)
def test_what_nothing_can_be_made_of_is_taken_away(odd):
    assert ask(**odd) == " True"


def ask(path="/", query=""):
    given = {"PATH_INFO": path, "QUERY_STRING": query}
    return (
        Client(ReadableTarget(application))
        .get("/", environ_overrides=given)
        .text.encode("latin-1", "replace")
        .decode("latin-1")
    )

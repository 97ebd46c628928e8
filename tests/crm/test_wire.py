"""What requests and answers come to is tested by `tests/crm/test_webhook.py`."""

import httpx
import pytest

from core import clock
from crm.shape import TemporaryCrmError
from crm.wire import Reply, Token, Wire
from tests.fakes.crm import server as fake


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class Mint:
    """Gives a token, another one each time."""

    def __init__(self, lasts_s):
        self.lasts_s, self.made = lasts_s, 0

    def __call__(self):
        self.made += 1
        return f"token-{self.made}", self.lasts_s


@pytest.mark.parametrize(
    ("lasts_s", "later_s", "token"),
    [
        pytest.param(7200, 7000, "token-1", id="good"),
        pytest.param(7200, 7100, "token-2", id="about-to-end"),
        pytest.param(60, 29, "token-1", id="short-and-good"),
        pytest.param(60, 31, "token-2", id="short-and-half-over"),
        pytest.param(0, 1, "token-2", id="over-from-the-start"),
    ],
)
def test_a_token_is_kept_until_shortly_before_its_end(lasts_s, later_s, token):
    monotonic = Clock()
    kept = Token(Mint(lasts_s), monotonic)
    assert kept.current() == "token-1"

    monotonic.now += later_s

    assert kept.current() == token


def test_a_token_that_is_refused_is_fetched_anew():
    token = Token(Mint(7200))
    token.current()
    token.forget()

    assert token.current() == "token-2"


def test_a_token_that_cannot_be_had_is_asked_for_again():
    answers = iter([TemporaryCrmError("http_503"), ("good", 60.0)])

    def fetch():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    token = Token(fetch)
    with pytest.raises(TemporaryCrmError):
        token.current()
    assert token.current() == "good"


def test_a_token_that_no_header_can_carry_is_none():
    with pytest.raises(TemporaryCrmError, match="unreadable_answer"):
        Token(lambda: ("tökén", 7200)).current()


def test_an_answer_hides_itself_when_printed():
    assert "13800138000" not in repr(Reply(200, httpx.Headers(), b"13800138000", None))


class Echo(fake.FakeCrm):
    def answer(self, request):
        return fake.Reply(200, {"path": request.path, "query": request.query})


@pytest.mark.parametrize("base", ["", "/", "/below", "/below/"])
def test_paths_go_below_the_address_and_queries_are_quoted(base):
    with Echo() as server:
        wire = Wire(httpx.URL(server.url + base), 5, clock.now)
        answer = wire.ask_json("POST", "/x/y", {}, query={"q": "a b&c='d'"}).json()
        wire.close()

    assert answer == {"path": f"{base.rstrip('/')}/x/y", "query": {"q": "a b&c='d'"}}

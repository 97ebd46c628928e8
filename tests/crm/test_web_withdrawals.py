"""The chain's own CRM may be anybody: its answer is believed if it is of the form asked for."""

import contextlib
import datetime as dt
import json

import pytest

from core import webhook_signature
from core.settings import SettingsError
from crm.shape import PermanentCrmError, TemporaryCrmError
from crm.signed_question import SignedQuestions
from crm.web_withdrawals import WebWithdrawals
from crm.withdrawals import Page, Withdrawn
from tests.fakes.crm.server import FakeCrm, Reply

MEMBER = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
KEY = bytes(32)
WELL = {"rows": [[MEMBER, "2026-05-16T14:30:00+08:00"]], "after": "17", "more": True}


class Crm(FakeCrm):
    said = WELL

    def answer(self, _):
        return Reply(200, self.said)


def questions(url, now):
    headers = {"doorman-store": "store-1"}
    return SignedQuestions(url, KEY, 5, lambda: now, headers, setting="crm.withdrawals_url")


@pytest.fixture
def server():
    with Crm() as server:
        yield server


@pytest.fixture
def feed(server, now):
    with contextlib.closing(WebWithdrawals(questions(f"{server.url}/withdrawn", now))) as made:
        yield made


def test_the_question_is_signed_and_says_from_where_on(server, feed, now):
    page = feed.page("16")

    at = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
    assert page == Page([Withdrawn(MEMBER, at)], "17", is_last=False)
    [asked] = server.requests
    assert json.loads(asked.body) == {"to": "/withdrawn", "after": "16"}
    assert asked.headers["doorman-store"] == "store-1"
    webhook_signature.check(KEY, asked.headers, asked.body, now)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"rows": [[MEMBER, "yesterday"]]}, id="no-time"),
        pytest.param({"rows": [[MEMBER, "2026-05-16T14:30:00"]]}, id="no-zone"),
        pytest.param({"rows": [["' OR 1=1", "2026-05-16T14:30:00Z"]]}, id="no-member"),
        pytest.param({"rows": [[MEMBER, "2026-05-16T14:30:00Z", "terms"]]}, id="of-a-purpose"),
        pytest.param({"rows": [[MEMBER, "2026-05-16T14:30:00Z"]] * 1001}, id="too-many"),
        pytest.param({"rows": None}, id="no-rows"),
        pytest.param({"after": "x" * 201}, id="a-long-place"),
        pytest.param({"after": 5}, id="a-place-that-is-a-number"),
        pytest.param({"more": "yes"}, id="more-of-what"),
    ],
)
def test_anything_else_counts_as_no_answer(server, feed, change):
    server.said = {**WELL, **change}

    with pytest.raises(TemporaryCrmError):
        feed.page("")


def test_a_crm_that_knows_no_such_question_says_so(server, feed):
    server.order(Reply(404))

    with pytest.raises(PermanentCrmError, match="http_404"):
        feed.page("")


def test_nothing_is_asked_over_a_network_in_the_clear(now):
    with pytest.raises(SettingsError, match=r"crm\.withdrawals_url"):
        questions("http://crm.example/withdrawn", now)

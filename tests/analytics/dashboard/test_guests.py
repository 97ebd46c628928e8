"""Guests who wait, and staff who decide."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from analytics.dashboard import guests
from core.mac import Mac
from core.models import sponsor_request as requests
from core.models.login import Login, LoginState, LoginWay
from core.models.sponsor_request import Decision, SponsorRequest
from tests import running_grant

OURS = {"Origin": "http://localhost"}
MAC = Mac.parse("02:00:00:9a:1b:c4")


def put_in_line(database, sealer, now, name="小王", number="0042"):
    """Puts a guest among those who wait; the request's number."""
    with database.writing() as session:
        login = Login(
            device_id=running_grant.device_of(session, sealer, MAC, now),
            state=LoginState.BEGUN,
            language="zh",
            way=LoginWay.SPONSOR,
            failures=0,
            started_at=now,
            terms_accepted_at=now,
        )
        session.add(login)
        session.flush()
        request = SponsorRequest(
            login_id=login.id,
            sealed_name=sealer.seal(requests.NAME, name.encode()),
            match_number=number,
            asked_at=now,
        )
        session.add(request)
        session.flush()
        return request.id


@pytest.fixture
def wait(database, sealer, clock):
    return lambda **values: put_in_line(database, sealer, clock.now, **values)


@pytest.fixture
def decided(database):
    def read(number):
        with database.reading() as session:
            request = session.get(SponsorRequest, number)
            login = session.get(Login, request.login_id)
            return request.decision, request.sealed_name, login.state

    return read


def test_who_waits_is_shown_with_the_number_and_a_masked_address(alice, wait):
    wait()
    page = alice.get("/guests?lang=en").text

    assert "小王" in page
    assert "0042" in page
    assert "1b:c4" in page
    assert MAC.text() not in page
    assert '<meta http-equiv="refresh"' in page


def test_one_click_lets_in_and_forgets_the_name(alice, wait, decided, caplog):
    number = wait()
    with caplog.at_level(logging.INFO):
        assert alice.post(f"/guests/{number}", data={"hours": "4"}, headers=OURS).status_code == 303

    assert decided(number) == (Decision.LET_IN, None, LoginState.VERIFIED)
    assert "小王" not in alice.get("/guests").text
    assert "guest let in" in caplog.text
    assert "小王" not in caplog.text + json.dumps(
        [vars(each) for each in caplog.records], default=str
    )


def test_one_click_refuses(alice, wait, decided):
    number = wait()
    alice.post(f"/guests/{number}", data={"refuse": "yes", "hours": "4"}, headers=OURS)

    assert decided(number) == (Decision.REFUSED, None, LoginState.LOCKED)


def test_the_second_who_clicks_is_told_and_changes_nothing(alice, wait, decided):
    number = wait()
    alice.post(f"/guests/{number}", data={"hours": "1"}, headers=OURS)
    answer = alice.post(f"/guests/{number}", data={"refuse": "yes"}, headers=OURS)

    assert answer.location == "/guests?late=1"
    assert 'role="alert"' in alice.get(answer.location).text
    assert decided(number)[0] is Decision.LET_IN


@pytest.mark.parametrize("hours", ["", "3", "1000000", "-1", "x"])
def test_only_the_hours_on_offer_are_given(alice, wait, decided, hours):
    number = wait()
    alice.post(f"/guests/{number}", data={"hours": hours}, headers=OURS)

    assert decided(number)[0] is None


def test_a_name_is_text_and_nothing_else(alice, wait):
    wait(name="<b>x</b>")

    assert "<b>x</b>" not in alice.get("/guests").text


def test_a_name_that_does_not_open_hides_nobody(alice, wait, database):
    number = wait()
    with database.writing() as session:
        session.get(SponsorRequest, number).sealed_name = b"broken"

    assert "0042" in alice.get("/guests").text


def test_two_of_the_staff_at_once_decide_once(any_database, sealer, now):
    number = put_in_line(any_database, sealer, now)
    together = threading.Barrier(2)

    def click(user):
        together.wait(timeout=30)
        return guests.decide(any_database, sealer, number, user, hours=1, now=now)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(click, ("alice", "bob")))

    assert sorted(outcome is None for outcome in outcomes) == [False, True]

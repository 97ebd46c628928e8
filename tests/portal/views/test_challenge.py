"""Two devices under one hardware address, as the portal meets them: it cannot tell which is who."""

import pytest

from core.models.code_send import CodeSend
from core.models.grant import EndCause, Grant
from core.models.login import Login
from gate.client import GateUnavailableError
from portal.access import restoration
from portal.clones import challenges
from portal.clones.challenges import Outcome
from tests.portal.conftest import NUMBER, OTHER_NUMBER

MOST = 3


@pytest.fixture
def challenge(database, sealer, gate, clock, phone):
    return lambda: challenges.challenge(database, sealer, gate, phone.mac, most=MOST, now=clock.now)


@pytest.fixture
def challenged(phone, clock, challenge):
    """Online for an hour, and now on hold."""
    phone.go_online()
    clock.pass_by(hours=1)
    assert challenge() is Outcome.CHALLENGED
    return phone


def test_who_is_challenged_is_offline_and_told_why(challenged, gate):
    assert gate.inside == {}
    assert challenged.get("/").location == "/challenge"
    shown = challenged.get("/challenge", Accept_Language="zh").text
    assert "另一台设备" in shown
    assert "138****8000" in shown
    assert NUMBER not in shown
    assert challenged.api()["captive"] is True


def test_no_message_goes_out_before_somebody_asks_for_it(challenged, carrier):
    before = len(carrier.sent)
    challenged.get("/challenge")
    assert len(carrier.sent) == before

    assert challenged.post("/challenge").location == "/code"
    assert len(carrier.sent) == before + 1


def test_the_right_code_goes_on_with_the_same_grant(challenged, gate, rows):
    challenged.post("/challenge")
    assert challenged.enter_code().location == "/online"

    # Four hours were given, one was used.
    assert gate.inside == {challenged.mac.text(): 10_800}
    [grant] = rows(Grant)
    assert (grant.challenged_at, grant.challenges) == (None, 1)
    assert grant.login_id == rows(Login)[0].id
    assert challenged.get("/online").status_code == 200


def test_a_wrong_code_leaves_it_offline(challenged, carrier, gate):
    challenged.post("/challenge")
    answer = challenged.enter_code("000000" if carrier.code != "000000" else "000001")

    assert answer.status_code == 422
    assert gate.inside == {}


def test_five_wrong_codes_lead_back_to_the_question(challenged, carrier, gate, clock):
    challenged.post("/challenge")
    wrong = "000000" if carrier.code != "000000" else "000001"
    answers = [challenged.enter_code(wrong) for _ in range(5)]

    assert answers[-1].status_code == 429
    assert 'id="send"' in answers[-1].text
    assert gate.inside == {}
    clock.pass_by(minutes=2)
    challenged.post("/challenge")
    assert challenged.enter_code().location == "/online"


@pytest.mark.parametrize("path", ["/", "/code", "/consent", "/connect", "/online", "/?change=1"])
def test_no_page_leads_around_it(challenged, path):
    assert challenged.get(path).location == "/challenge"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        pytest.param("/connect", {}, id="connect"),
        pytest.param("/consent", {}, id="consent"),
        pytest.param("/code", {"code": "123456"}, id="code"),
        pytest.param("/resend", {}, id="resend"),
        pytest.param("/login", {"phone": OTHER_NUMBER, "terms": "yes"}, id="another number"),
    ],
)
def test_no_form_leads_around_it(challenged, carrier, gate, path, form):
    before = len(carrier.sent)

    assert challenged.post(path, **form).location == "/challenge"
    assert gate.inside == {}
    assert len(carrier.sent) == before


def test_no_other_number_while_a_code_is_awaited(challenged):
    challenged.post("/challenge")

    assert challenged.get("/?change=1").location == "/code"
    assert challenged.post("/login", phone=OTHER_NUMBER, terms="yes").location == "/code"
    assert "change=1" not in challenged.get("/code").text


def test_the_limits_of_messages_hold(challenged, parts, carrier, clock, rows):
    for _ in range(20):
        challenged.post("/challenge")
        challenged.post("/resend")
        clock.pass_by(seconds=61)

    assert challenged.post("/challenge").location == "/code"
    assert challenged.post("/resend").status_code == 429
    # The one of the login is more than an hour ago.
    most = 1 + parts.settings.sms.sends_per_number_hour
    assert len(rows(CodeSend)) == len(carrier.sent) == most


def test_jobs_do_not_let_it_in_again(challenged, database, sealer, gate, clock):
    assert restoration.restore(database, sealer, gate, clock.now) == 0
    assert gate.inside == {}


def test_who_is_challenged_while_being_let_in_is_stopped_again(phone, gate, challenge):
    phone.verify()
    admitting = gate.admit

    def admit(*what):
        challenge()
        admitting(*what)

    gate.admit = admit
    phone.post("/consent")

    assert gate.inside == {}
    assert phone.get("/").location == "/challenge"


def test_a_gate_that_fails_at_the_end_asks_for_one_tap(challenged, gate):
    challenged.post("/challenge")
    gate.error = GateUnavailableError("no answer from the gate")
    assert challenged.enter_code().status_code == 503
    gate.error = None

    assert challenged.get("/").location == "/connect"
    assert challenged.post("/connect").location == "/online"


def test_a_gate_that_does_not_revoke_leaves_the_grant_as_it_was(phone, gate, challenge, rows):
    phone.go_online()
    gate.error = GateUnavailableError("no answer from the gate")
    with pytest.raises(GateUnavailableError):
        challenge()

    assert (rows(Grant)[0].challenged_at, rows(Grant)[0].challenges) == (None, 0)


def test_a_second_sign_while_on_hold_changes_nothing(challenged, challenge, rows):
    assert challenge() is Outcome.NOTHING
    assert rows(Grant)[0].challenges == 1


@pytest.mark.parametrize("state", ["never seen", "not online", "logged out"])
def test_without_a_grant_there_is_nothing_to_challenge(phone, gate, challenge, state):
    if state == "not online":
        phone.ask_code()
    elif state == "logged out":
        phone.go_online()
        phone.post("/logout")
    gate.calls.clear()

    assert challenge() is Outcome.NOTHING
    assert gate.calls == []


def test_after_so_many_challenges_the_grant_ends(challenged, challenge, clock, gate, rows):
    for _ in range(MOST - 1):
        challenged.post("/challenge")
        assert challenged.enter_code().location == "/online"
        clock.pass_by(minutes=21)
        assert challenge() is Outcome.CHALLENGED
    challenged.post("/challenge")
    assert challenged.enter_code().location == "/online"
    assert challenge() is Outcome.ENDED

    assert gate.inside == {}
    assert rows(Grant)[0].end_cause is EndCause.CLONED
    first_page = challenged.get("/").text
    assert 'id="phone"' in first_page
    assert "另一台设备" in first_page
    clock.pass_by(hours=24)
    challenged.go_online()
    assert len(rows(Grant)) == 2


def test_who_has_another_number_logs_in_anew(challenged, clock, rows, gate):
    assert challenged.post("/logout").location == "/"
    clock.pass_by(minutes=2)
    challenged.go_online(OTHER_NUMBER)

    assert rows(Grant)[0].end_cause is EndCause.LOGGED_OUT
    assert gate.inside == {challenged.mac.text(): 14_400}


def test_a_grant_that_ends_meanwhile_is_a_login_like_any_other(challenged):
    challenged.post("/challenge")
    challenged.post("/logout")

    assert challenged.get("/").location == "/code"
    assert challenged.enter_code().location == "/consent"


def test_only_the_phone_in_question_is_asked(challenged, join, gate):
    other = join("127.0.0.2")
    other.go_online(OTHER_NUMBER)

    assert set(gate.inside) == {other.mac.text()}
    assert other.get("/online").status_code == 200

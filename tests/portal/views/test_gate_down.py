"""When the gate fails, a shopper is offline and nothing is lost."""

from core.models.consent import Consent
from core.models.grant import Grant
from core.models.login import Login, LoginState
from core.models.outbox_event import OutboxEvent


def test_the_shopper_stays_offline_and_is_told(phone, gate, rows):
    phone.verify()
    gate.down = True
    answer = phone.post("/consent", membership="yes")

    assert answer.status_code == 503
    assert 'id="connect"' in answer.text
    assert gate.inside == {}
    assert phone.api()["captive"] is True
    assert rows(Login)[0].state is LoginState.VERIFIED


def test_a_retry_uses_what_is_on_disk(phone, gate, rows):
    phone.verify()
    gate.down = True
    phone.post("/consent", membership="yes")
    before = (len(rows(Consent)), len(rows(OutboxEvent)))
    gate.down = False

    assert phone.get("/").location == "/connect"
    assert phone.get("/connect").status_code == 200
    assert phone.post("/connect").location == "/online"
    assert gate.calls == [("admit", phone.mac.text(), 14_400)]
    assert (len(rows(Consent)), len(rows(OutboxEvent))) == before
    assert len(rows(Grant)) == 1


def test_sending_the_consents_again_is_a_retry_too(phone, gate, rows):
    phone.verify()
    gate.down = True
    phone.post("/consent", membership="yes")
    gate.down = False

    assert phone.post("/consent", membership="yes").location == "/online"
    assert (len(rows(Grant)), len(rows(OutboxEvent))) == (1, 2)


def test_a_retry_that_fails_can_be_retried(phone, gate):
    phone.verify()
    gate.down = True
    phone.post("/consent")

    assert phone.post("/connect").status_code == 503
    gate.down = False
    assert phone.post("/connect").location == "/online"


def test_a_gate_that_has_forgotten_a_phone_is_told_again_what_is_left(phone, gate, clock):
    phone.go_online()
    gate.inside.clear()
    clock.pass_by(hours=1)

    assert phone.get("/").location == "/connect"
    assert phone.api()["captive"] is True
    assert phone.post("/connect").location == "/online"
    assert gate.calls[-1] == ("admit", phone.mac.text(), 10_800)


def test_who_is_online_stays_so_while_the_gate_does_not_answer(phone, gate):
    phone.go_online()
    gate.down = True

    assert phone.get("/online").status_code == 200
    assert phone.api()["captive"] is False


def test_nobody_is_called_offline_before_the_gate_has_done_it(phone, gate, rows):
    phone.go_online()
    gate.down = True
    answer = phone.post("/logout")

    assert answer.status_code == 503
    assert 'role="alert"' in answer.text
    assert rows(Grant)[0].ended_at is None

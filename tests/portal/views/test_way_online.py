"""The whole way, as phones walk it: through HTTP, without cookies, without JavaScript."""

import pytest
import sqlalchemy as sa

from core.models.consent import Consent, Purpose
from core.models.grant import EndCause, Grant
from core.models.login import Login, LoginState
from core.models.member import Member


def test_a_shopper_gets_online_and_becomes_a_member(phone, gate, rows):
    assert phone.get("/").status_code == 200
    phone.go_online(membership="yes")

    assert gate.calls == [("admit", phone.mac.text(), 14_400)]
    assert 'id="online"' in phone.get("/online").text
    assert len(rows(Member)) == 1
    assert rows(Login)[0].state is LoginState.ONLINE


def test_wifi_works_without_any_other_box(phone, gate, rows):
    phone.go_online()

    assert list(gate.inside) == [phone.mac.text()]
    assert rows(Member) == []
    assert [consent.purpose for consent in rows(Consent)] == [Purpose.TERMS]


def test_a_login_waits_for_the_disk_three_times(database, phone):
    """For the code that is sent, for consents and grant, and for that the phone is online.

    By the last it is let in again after a power cut. Flash memory bears only so many.
    """
    levels = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        if statement.startswith("PRAGMA synchronous="):
            levels.append(statement.rpartition("=")[2])

    phone.go_online(membership="yes")

    assert levels == ["FULL", "NORMAL", "NORMAL", "FULL", "FULL"]


def test_every_form_leads_on_by_a_full_navigation(phone):
    answers = [phone.ask_code(), phone.enter_code(), phone.post("/consent"), phone.post("/logout")]

    assert [answer.status_code for answer in answers] == [303] * 4
    assert [answer.location for answer in answers] == ["/code", "/consent", "/online", "/"]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize(
    "page", ["/code", "/login", "/resend", "/consent", "/connect", "/online", "/extend", "/logout"]
)
def test_a_reopened_page_leads_to_where_the_phone_stands(phone, page):
    def here():
        return phone.get(page).location or page

    assert here() == "/"
    phone.ask_code()
    assert here() == "/code"
    phone.enter_code()
    assert here() == "/consent"
    phone.post("/consent")
    assert here() == "/online"


def test_two_phones_do_not_mix(phone, join, gate):
    other = join("127.0.0.2")
    phone.go_online()

    assert other.get("/").status_code == 200
    assert other.get("/online").location == "/"
    assert list(gate.inside) == [phone.mac.text()]


def test_a_phone_cannot_enter_anothers_code(phone, join, carrier, gate):
    other = join("127.0.0.2")
    phone.ask_code()
    alices = carrier.code
    other.ask_code("13912345678")

    assert other.enter_code(alices).status_code == 422
    assert other.post("/consent").location == "/code"
    assert gate.calls == []


def test_steps_cannot_be_skipped(phone, gate, rows):
    assert phone.post("/consent", membership="yes").location == "/"
    assert phone.post("/connect").location == "/"
    phone.ask_code()
    assert phone.post("/consent", membership="yes").location == "/code"

    assert gate.calls == []
    assert rows(Grant) == []


def test_a_form_sent_twice_does_no_harm(phone, rows, gate):
    phone.verify()
    phone.post("/consent", membership="yes")

    assert phone.post("/consent", membership="yes").location == "/online"
    assert phone.ask_code().location == "/online"
    assert phone.enter_code().location == "/online"
    assert len(rows(Grant)) == len(rows(Member)) == len(gate.calls) == 1


def test_after_the_session_the_phone_starts_again(phone, clock):
    phone.go_online()
    clock.pass_by(hours=4)

    assert phone.get("/online").location == "/"
    assert phone.get("/").status_code == 200


def test_the_pages_look_the_same_for_members_and_strangers_until_the_code(join):
    member, stranger = join("127.0.0.1"), join("127.0.0.2")
    member.go_online(membership="yes")
    member.post("/logout")
    member.carrier.sent.clear()
    known = [member.ask_code("13912345678"), member.get("/code")]
    new = [stranger.ask_code("13712345678"), stranger.get("/code")]

    assert [answer.status_code for answer in known] == [answer.status_code for answer in new]
    assert known[1].text.replace("139****5678", "") == new[1].text.replace("137****5678", "")


def test_a_member_is_welcomed_back_and_asked_only_what_is_open(phone, clock):
    phone.go_online(membership="yes")
    clock.pass_by(hours=5)
    phone.verify()
    page = phone.get("/consent").text

    assert "欢迎回来" in page
    assert 'id="membership"' not in page
    assert 'id="marketing"' in page


def test_no_box_is_ticked_beforehand(phone):
    assert "checked" not in phone.get("/").text
    phone.verify()
    page = phone.get("/consent").text

    assert page.count('type="checkbox"') == 3
    assert "checked" not in page


def test_a_shopper_can_go_offline(phone, gate, rows, clock):
    phone.go_online()
    clock.pass_by(minutes=10)
    phone.post("/logout")

    assert gate.calls[-1] == ("revoke", phone.mac.text())
    (grant,) = rows(Grant)
    assert (grant.ended_at, grant.end_cause) == (clock.now, EndCause.LOGGED_OUT)
    assert phone.get("/").status_code == 200

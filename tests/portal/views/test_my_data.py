"""My data, as a shopper meets it: nothing without a fresh proof, everything with one."""

import json

import pytest

from core.models.consent import Consent, Purpose
from core.models.grant import Grant
from core.models.identity import Identity
from core.models.login import Login, Serves
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from gate.client import GateUnavailableError
from tests.portal.conftest import NUMBER, OTHER_NUMBER

BOXES = {"membership": "yes", "marketing": "yes", "visit_analytics": "yes"}
MASKED = "138****8000"


def prove(phone, clock, number=NUMBER):
    clock.pass_by(minutes=2)
    assert phone.post("/my-data/proof", phone=number).location == "/my-data"
    assert phone.post("/my-data/code", code=phone.carrier.code).location == "/my-data"


@pytest.fixture
def member(phone):
    phone.go_online(**BOXES)
    return phone


@pytest.fixture
def proven(member, clock):
    prove(member, clock)
    return member


def test_nothing_is_shown_without_a_fresh_proof(member):
    page = member.get("/my-data").text

    assert "/my-data/proof" in page
    assert MASKED not in page
    for path in ("export", "erase", "number", "withdraw/marketing"):
        assert member.get(f"/my-data/{path}").location == "/my-data"


def test_the_page_shows_what_is_known_masked(proven):
    page = proven.get("/my-data", Accept_Language="zh").text

    assert page.count(MASKED) == 2
    assert NUMBER not in page
    assert proven.mac.text() not in page
    assert proven.mac.masked() in page
    assert "加入会员" in page
    assert page.count("/my-data/wording/") == len(Purpose)


def test_it_works_offline_too_and_opens_nothing(phone, clock, gate, rows):
    prove(phone, clock)

    assert "没有会员档案" in phone.get("/my-data", Accept_Language="zh").text
    assert gate.calls == []
    assert rows(Grant) == rows(Consent) == []
    # On the way online this phone stands where it stood.
    assert phone.get("/").status_code == 200
    assert phone.api()["captive"] is True


def test_a_proof_lasts_a_quarter_of_an_hour(proven, clock):
    clock.pass_by(minutes=14, seconds=59)
    assert MASKED in proven.get("/my-data").text

    clock.pass_by(seconds=1)
    assert MASKED not in proven.get("/my-data").text
    assert proven.post("/my-data/erase").location == "/my-data"
    # And a new one can be had at once.
    prove(proven, clock)
    assert MASKED in proven.get("/my-data").text


def test_a_proof_is_of_one_device(proven, join):
    assert MASKED not in join("127.0.0.2").get("/my-data").text


def test_who_is_done_is_asked_again(proven):
    proven.post("/my-data/close")

    assert MASKED not in proven.get("/my-data").text


def test_a_code_of_a_login_proves_nothing_here(phone):
    phone.ask_code()
    phone.post("/my-data/code", code=phone.carrier.code)

    assert "/my-data/proof" in phone.get("/my-data").text


def test_a_code_from_here_opens_no_internet(phone, gate):
    phone.post("/my-data/proof", phone=NUMBER)

    assert phone.enter_code().location == "/"
    assert gate.calls == []


def test_a_sheet_that_is_closed_in_mid_proof_goes_on_where_it_was(member, clock):
    clock.pass_by(minutes=2)
    member.post("/my-data/proof", phone=NUMBER)

    for path in ("/my-data/proof", "/my-data/code", "/my-data/resend"):
        assert member.get(path).location == "/my-data"
    assert 'id="code"' in member.get("/my-data").text
    member.post("/my-data/code", code=member.carrier.code)
    assert MASKED in member.get("/my-data").text


def test_wrong_codes_count_as_anywhere(member, clock):
    clock.pass_by(minutes=2)
    member.post("/my-data/proof", phone=NUMBER)
    wrong = "000000" if member.carrier.code != "000000" else "000001"

    answers = [member.post("/my-data/code", code=wrong).status_code for _ in range(5)]
    assert answers == [422] * 4 + [429]
    assert "/my-data/proof" in member.get("/my-data").text


def test_codes_are_limited_as_anywhere(member):
    assert member.post("/my-data/proof", phone=NUMBER).status_code == 429


def test_members_and_strangers_get_the_same_answer(member, join, clock):
    clock.pass_by(minutes=2)
    stranger = join("127.0.0.2")
    member.post("/my-data/proof", phone=NUMBER)
    stranger.post("/my-data/proof", phone=OTHER_NUMBER)

    pages = [each.get("/my-data").text for each in (member, stranger)]
    assert pages[0].replace(MASKED, "") == pages[1].replace("139****5678", "")


def test_the_file_has_everything_opened(proven, news):
    answer = proven.get("/my-data/export")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.get_json()
    assert found["account"] == {"kind": "phone", "value": "+86" + NUMBER}
    assert [key["value"] for key in found["member"]["keys"]] == ["+86" + NUMBER]
    assert [each["address"] for each in found["devices"]] == [proven.mac.text()]
    assert {each["purpose"] for each in found["consents"]} == set(Purpose)
    assert len(found["sessions"]) == 1
    told = [each["type"] for each in found["sent_to_crm"]]
    assert told == [EventType.CONSENT_GIVEN] * 3 + [EventType.MEMBER_ENROLLED]


def test_the_file_has_nothing_of_others_on_the_same_phone(proven, clock):
    proven.post("/logout")
    clock.pass_by(minutes=2)
    proven.go_online(OTHER_NUMBER, **BOXES)

    text = proven.get("/my-data/export").text
    assert NUMBER in text
    assert OTHER_NUMBER not in text


@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.VISIT_ANALYTICS])
def test_a_consent_is_withdrawn_by_one_tap_and_a_confirmation(proven, rows, news, purpose):
    assert proven.get(f"/my-data/withdraw/{purpose}").status_code == 200
    assert proven.post(f"/my-data/withdraw/{purpose}").location == "/my-data"

    live = {each.purpose for each in rows(Consent) if each.withdrawn_at is None}
    assert live == set(Purpose) - {purpose}
    [told] = news(EventType.MEMBER_UPDATED)
    assert set(told["consents"]) == live - {Purpose.TERMS}
    [ended] = news(EventType.CONSENT_WITHDRAWN)
    assert ended["purpose"] == purpose
    assert ended["version"] == told["version"] + 1
    # Twice is once.
    proven.post(f"/my-data/withdraw/{purpose}")
    assert len(news(EventType.MEMBER_UPDATED)) == len(news(EventType.CONSENT_WITHDRAWN)) == 1


def test_who_withdraws_the_terms_is_offline(proven, gate, rows):
    proven.post("/my-data/withdraw/terms")

    assert gate.inside == {}
    assert [each.purpose for each in rows(Consent) if each.withdrawn_at] == [Purpose.TERMS]
    assert all(grant.ended_at for grant in rows(Grant))


def test_terms_stay_while_the_gate_does_not_answer(proven, gate, rows):
    gate.error = GateUnavailableError("no answer from the gate")

    assert proven.post("/my-data/withdraw/terms").status_code == 503
    assert not [each for each in rows(Consent) if each.withdrawn_at]


def test_to_leave_is_to_be_erased(proven, rows):
    assert proven.post("/my-data/withdraw/membership").location == "/my-data/erase"
    assert len(rows(Member)) == 1


def test_the_words_of_a_consent_are_shown_as_they_were(proven, rows):
    version = rows(Consent)[0].wording_version

    assert "上网条款与隐私说明" in proven.get(f"/my-data/wording/{version}").text
    assert proven.get("/my-data/wording/0123456789abcdef").status_code == 404


def test_the_language_is_corrected_and_told(proven, rows, news):
    proven.post("/my-data/language", language="en")

    assert rows(Member)[0].language == "en"
    assert news(EventType.MEMBER_UPDATED)[0]["language"] == "en"
    proven.post("/my-data/language", language="tlh")
    assert rows(Member)[0].language == "en"


def test_a_new_number_takes_the_place_of_the_old_one(proven, clock, rows, news, sealer):
    assert proven.post("/my-data/number/proof", phone=OTHER_NUMBER).location == "/my-data/number"
    assert proven.post("/my-data/number/code", code=proven.carrier.code).location == "/my-data"

    assert "139****5678" in proven.get("/my-data").text
    assert len(rows(Identity)) == len(rows(Member)) == 1
    [told] = news(EventType.MEMBER_UPDATED)
    assert told["phone"] == "+86" + OTHER_NUMBER
    assert set(told["consents"]) == set(Purpose) - {Purpose.TERMS}
    # Whoever gets the old number from the network is nobody here.
    proven.post("/my-data/close")
    prove(proven, clock)
    assert "没有会员档案" in proven.get("/my-data", Accept_Language="zh").text


def test_nobody_takes_another_members_number(proven, join, clock, rows):
    join("127.0.0.2").go_online(OTHER_NUMBER, **BOXES)
    clock.pass_by(minutes=2)
    proven.post("/my-data/number/proof", phone=OTHER_NUMBER)

    assert proven.post("/my-data/number/code", code=proven.carrier.code).status_code == 409
    assert len(rows(Identity)) == len(rows(Member)) == 2
    # It was proven for nothing, and shows nothing of the other member.
    assert MASKED in proven.get("/my-data").text
    assert proven.get("/my-data/number/code").location == "/my-data/number"


def test_a_new_number_needs_the_proof_of_the_old_one(member, rows):
    assert member.post("/my-data/number/proof", phone=OTHER_NUMBER).location == "/my-data"
    assert len(member.carrier.sent) == 1


def test_erased_is_everything_but_the_log(proven, rows, database, news, gate):
    [before] = rows(Member)
    assert proven.get("/my-data/erase").status_code == 200
    assert proven.post("/my-data/erase").location == "/my-data/erased"
    # Sent again.
    assert proven.post("/my-data/erase").location == "/my-data"

    assert rows(Member) == rows(Identity) == []
    assert {each.purpose for each in rows(Consent) if each.withdrawn_at} == set(Purpose) - {
        Purpose.TERMS
    }
    assert [grant.member_id for grant in rows(Grant)] == [None]
    assert {login.serves for login in rows(Login)} == {Serves.INTERNET}
    assert [each.type for each in rows(OutboxEvent)] == [EventType.MEMBER_ERASED]
    [tombstone] = news(EventType.MEMBER_ERASED)
    assert (tombstone["member"], tombstone["version"]) == (before.public_id, before.version + 1)
    assert proven.mac.text() in gate.inside


def test_who_comes_back_is_somebody_new(proven, clock, rows, news):
    [before] = rows(Member)
    proven.post("/my-data/erase")
    proven.post("/logout")
    clock.pass_by(minutes=2)
    proven.go_online(**BOXES)

    [after] = rows(Member)
    assert after.public_id != before.public_id
    assert len(news(EventType.MEMBER_ENROLLED)) == 1


def test_no_log_line_names_anybody(proven, caplog):
    proven.post("/my-data/withdraw/marketing")
    proven.post("/my-data/erase")

    assert NUMBER not in json.dumps([record.__dict__ for record in caplog.records], default=str)

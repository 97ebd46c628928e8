"""The button for WeChat, its page, and what becomes of them."""

import dataclasses
import json

import pytest

from core.models.grant import Grant
from core.models.temporary_pass import PassEnd, PassKind, TemporaryPass
from core.setting_groups.plans import PassSettings
from tests.portal.conftest import URL
from tests.portal.sequences.handsets import Iphone

BUTTON = 'id="open-wechat"'
IPHONE = {"User-Agent": Iphone.agent}
PROBE = {"path": "/hotspot-detect.html", "Host": "captive.apple.com"}


@pytest.fixture
def parts(parts):
    """Of a store that gives three passes a day."""
    settings = parts.settings.model_copy(update={"passes": PassSettings(per_day=3)})
    return dataclasses.replace(parts, settings=settings)


def test_the_button_leads_to_a_page_that_says_how_to_go_on(phone, rows, gate):
    page = phone.get("/")
    assert BUTTON in page.text
    assert "打开微信（限时 2 分钟）" in page.text

    answer = phone.post("/pass")
    assert (answer.status_code, answer.location) == (303, "/pass")
    assert gate.passing == {phone.mac.text(): 120}
    assert gate.inside == {}
    assert rows(TemporaryPass)[0].kind is PassKind.ANDROID

    page = phone.get("/pass")
    # The clock of these tests stands at 14:30 in Shanghai.
    assert "14:32:00" in page.text
    assert "切换到微信" in page.text
    assert '<meta http-equiv="refresh" content="121;url=/pass?lang=zh">' in page.text


def test_each_kind_is_told_how_to_go_on(phone, rows):
    phone.post("/pass", headers=IPHONE)

    assert rows(TemporaryPass)[0].kind is PassKind.IOS
    assert "完成" in phone.get("/pass").text
    assert "Tap “Done”" in phone.get("/pass?lang=en").text


def test_both_pages_before_the_code_show_the_pass_that_runs(phone):
    phone.post("/pass")

    for page in (phone.get("/"), phone.ask_code() and phone.get("/code")):
        assert "14:32:00" in page.text
        assert BUTTON not in page.text


def test_the_code_page_has_the_button_too(phone, gate):
    phone.ask_code()
    assert BUTTON in phone.get("/code").text

    assert phone.post("/pass").location == "/pass"
    assert gate.passing


def test_after_its_time_the_page_leads_back_to_where_the_phone_stands(phone, clock):
    phone.post("/pass")
    clock.pass_by(seconds=121)

    assert phone.get("/pass").location == "/"
    assert "还可用 2 次" in phone.get("/").text


def test_after_the_last_one_the_page_says_so_and_gives_none(phone, clock, gate):
    for _ in range(3):
        assert phone.post("/pass").location == "/pass"
        clock.pass_by(minutes=3)

    page = phone.get("/")
    assert BUTTON not in page.text
    assert "次数用完了" in page.text
    assert phone.post("/pass").location == "/"
    assert len(gate.calls) == 3


def test_a_store_that_gives_none_shows_nothing(parts, join_with, rows):
    settings = parts.settings.model_copy(update={"passes": PassSettings()})
    phone = join_with(settings=settings)

    assert "微信" not in phone.get("/").text
    assert phone.post("/pass").location == "/"
    assert phone.get("/pass").location == "/"
    assert rows(TemporaryPass) == []


@pytest.mark.parametrize("stage", ["consent", "connect", "online"])
def test_who_has_proven_a_number_gets_none(phone, gate, rows, stage):
    phone.verify()
    gate.down = stage == "connect"
    if stage != "consent":
        phone.post("/consent")
    gate.down = False

    assert phone.post("/pass").location == f"/{stage}"
    assert phone.get("/pass").location == f"/{stage}"
    assert rows(TemporaryPass) == []
    assert gate.passing == {}


def test_a_login_takes_the_place_of_the_pass(phone, rows, gate):
    phone.post("/pass", headers=IPHONE)
    phone.go_online()

    assert rows(TemporaryPass)[0].end_cause is PassEnd.LOGGED_IN
    assert gate.inside.keys() == {phone.mac.text()}
    assert gate.passing == {}
    assert phone.get("/pass").location == "/online"
    assert phone.get(PROBE["path"], Host=PROBE["Host"]).status_code == 302


def test_a_pass_that_runs_does_not_make_the_grant_shorter_or_longer(phone, join, rows):
    phone.post("/pass")
    phone.go_online()
    join("127.0.0.2").go_online("13912345678")

    one, other = rows(Grant)
    assert one.expires_at - one.started_at == other.expires_at - other.started_at


def test_a_gate_that_is_down_gives_none_and_offers_to_try_again(phone, gate, rows):
    gate.down = True
    answer = phone.post("/pass", headers=IPHONE)
    assert answer.status_code == 503
    assert BUTTON in answer.text
    assert "还可用 3 次" in answer.text
    assert phone.get(PROBE["path"], Host=PROBE["Host"]).status_code == 302

    gate.down = False
    assert phone.post("/pass", headers=IPHONE).location == "/pass"
    assert len(rows(TemporaryPass)) == 1
    assert phone.get(PROBE["path"], Host=PROBE["Host"]).status_code == 200


def test_on_the_code_page_too(phone, gate):
    phone.ask_code()
    gate.down = True
    answer = phone.post("/pass")

    assert answer.status_code == 503
    assert 'id="code"' in answer.text


def test_the_api_says_captive_throughout(phone):
    phone.post("/pass", headers=IPHONE)

    assert phone.api()["captive"] is True
    assert "seconds-remaining" not in phone.api()


def test_the_log_says_that_a_pass_was_given_and_to_nobody(phone, caplog):
    caplog.set_level("INFO")
    phone.post("/pass", headers=IPHONE)
    phone.post("/pass", headers=IPHONE)

    (record,) = [each for each in caplog.records if each.name.endswith("portal")]
    said = json.dumps(record.__dict__, default=str)
    assert record.getMessage() == "temporary pass given"
    assert "ios" in said
    assert phone.mac.text() not in said
    assert "127.0.0.1" not in said


def test_no_other_site_can_press_the_button(phone, gate):
    answer = phone.post("/pass", headers={"Origin": "http://evil.example"})

    assert answer.status_code == 403
    assert gate.calls == []
    assert phone.post("/pass", headers={"Origin": URL}).status_code == 303

import datetime as dt

import pytest

from tests.appliance.demo.fakes.conftest import CRM_KEY

MESSAGE = {
    "to": "+8613800138000",
    "text": "【店】验证码 123456，5 分钟内有效",
    "code": "123456",
    "language": "zh",
}


def inbox(outside):
    return outside.get("/sms/messages.json")


def test_a_message_reaches_the_inbox(outside):
    assert outside.text(MESSAGE).status_code == 202

    assert inbox(outside) == [MESSAGE | {"at": "2026-05-16T14:30:00+08:00"}]


def test_the_code_by_itself_may_be_left_out(outside):
    assert outside.text({k: v for k, v in MESSAGE.items() if k != "code"}).status_code == 202

    assert inbox(outside)[0]["code"] == ""


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"to": "13800138000"}, "bad_number", id="national"),
        pytest.param({"to": "+86 13800138000"}, "bad_number", id="with-a-blank"),
        pytest.param({"to": "+8613800138000\n"}, "bad_number", id="with-a-line-end"),
        pytest.param({"to": "+0138"}, "bad_number", id="no-country"),
        pytest.param({"to": None}, "bad_message", id="no-text"),
        pytest.param({"subject": "x"}, "bad_message", id="unknown-field"),
    ],
)
def test_a_malformed_message_is_refused_by_name(outside, change, error):
    response = outside.text(MESSAGE | change)

    assert (response.status_code, response.get_json()) == (422, {"error": error})
    assert inbox(outside) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"to": "+8613800138000"}'])
def test_what_is_no_message_is_refused(outside, body):
    assert outside.text(body).status_code == 422


def test_only_what_is_signed_with_the_carriers_key_is_taken(outside):
    assert outside.text(MESSAGE, key=CRM_KEY).status_code == 401
    assert outside.client.post("/sms", json=MESSAGE).status_code == 401
    assert inbox(outside) == []


def test_a_replay_is_taken_but_not_delivered_again(outside):
    first, second = outside.text(MESSAGE), outside.text(MESSAGE)

    assert first.get_json() == second.get_json()
    assert second.status_code == 202
    assert len(inbox(outside)) == 1


def test_a_number_gets_one_message_a_minute_five_an_hour_ten_a_day(outside):
    taken = []
    for minute in range(25 * 60):
        if outside.text(MESSAGE, f"m{minute}").status_code == 202:
            taken.append(minute)
        outside.pass_by(60)

    assert taken == [0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 1440, 1441, 1442, 1443, 1444]


def test_the_limits_are_those_of_one_number(outside):
    outside.text(MESSAGE, "m1")

    assert outside.text(MESSAGE, "m2").get_json() == {"error": "throttled"}
    assert outside.text(MESSAGE | {"to": "+8613900139001"}, "m3").status_code == 202


def test_the_page_shows_messages_newest_first_with_the_code_set_off(outside):
    outside.text(MESSAGE, "m1")
    outside.pass_by(dt.timedelta(hours=2).total_seconds())
    outside.text(MESSAGE | {"text": "code 654321", "code": "654321", "language": "en"}, "m2")

    page = outside.client.get("/sms").text
    assert "<strong>123456</strong>" in page
    assert page.index("654321") < page.index("123456")


def test_a_message_cannot_bring_markup_into_the_page(outside):
    outside.text(MESSAGE | {"text": "<script>alert(1)</script>", "code": "<b>"})

    assert "<script>" not in outside.client.get("/sms").text


def test_the_page_says_that_nothing_is_really_sent(outside):
    page = outside.client.get("/sms").text

    assert "nothing is really sent" in page
    assert "不会真的发送短信" in page

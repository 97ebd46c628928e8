import pytest

from core.models.code_send import CodeSend
from core.models.login import Login
from core.setting_groups.store import StoreSettings

NUMBER = "13800138000"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("13800138000", id="plain"),
        pytest.param(" 138 0013 8000 ", id="blanks"),
        pytest.param("138-0013-8000", id="dashes"),
        pytest.param("+86 138 0013 8000", id="country code"),
        pytest.param("0086 13800138000", id="dialled country code"),
        pytest.param("１３８００１３８０００", id="wide digits"),
    ],
)
def test_a_number_is_understood_as_people_type_it(phone, carrier, typed):
    assert phone.ask_code(typed).location == "/code"
    assert carrier.sent[0].to.e164() == "+8613800138000"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blank"),
        pytest.param("1380013800", id="one digit short"),
        pytest.param("138001380001", id="one digit long"),
        pytest.param("12345678901", id="no such block"),
        pytest.param("010 6552 9988", id="landline"),
        pytest.param("400 800 1234", id="hotline"),
        pytest.param("+1 202 555 0123", id="other country"),
        pytest.param("+852 5123 4567", id="Hong Kong, not allowed here"),
        pytest.param("110", id="police"),
        pytest.param("1-380-FLOWERS", id="letters of a keypad"),
        pytest.param("138 0013 8000 ext. 5", id="extension"),
        pytest.param("13800138000, 13912345678", id="two numbers"),
        pytest.param("13800138000'; DROP TABLE logins;--", id="SQL"),
        pytest.param("<script>alert(1)</script>", id="HTML"),
        pytest.param("1" * 4000, id="very long"),
        pytest.param("\x00\ufffe", id="odd characters"),
    ],
)
def test_what_is_no_mobile_number_of_ours_is_refused_in_place(phone, carrier, rows, typed):
    answer = phone.ask_code(typed)

    assert answer.status_code == 422
    assert 'id="phone-fault"' in answer.text
    assert "<script>" not in answer.text
    assert carrier.sent == rows(Login) == []


def test_what_was_typed_is_kept(phone):
    page = phone.ask_code("1380013").text

    assert 'value="1380013"' in page
    assert "checked" in page


def test_without_the_terms_no_code_is_sent(phone, carrier):
    answer = phone.post("/login", phone=NUMBER)

    assert answer.status_code == 422
    assert 'id="terms-fault"' in answer.text
    assert f'value="{NUMBER}"' in answer.text
    assert carrier.sent == []


def test_the_code_stands_first_in_the_message_and_by_itself(phone, carrier):
    phone.ask_code(lang="zh")
    (message,) = carrier.sent

    assert message.text.startswith(message.code)
    assert "安福路店" in message.text
    assert "5分钟" in message.text


def test_a_message_is_in_the_language_of_the_page(phone, carrier):
    phone.ask_code(lang="en")

    assert carrier.sent[0].language == "en"
    assert "Wi-Fi code" in carrier.sent[0].text


def test_too_many_codes_are_refused_with_the_number_kept(phone, join, carrier):
    phone.ask_code()
    answer = join("127.0.0.2").ask_code()

    assert answer.status_code == 429
    assert f'value="{NUMBER}"' in answer.text
    assert "60 秒" in answer.text
    assert len(carrier.sent) == 1


def test_the_same_number_again_leads_to_the_code_that_is_on_its_way(phone, carrier):
    phone.ask_code()

    assert phone.ask_code().location == "/code"
    assert len(carrier.sent) == 1


def test_the_number_can_be_changed_before_the_code(phone, carrier):
    phone.ask_code()
    assert 'id="phone"' in phone.get("/?change=1").text
    phone.ask_code("13912345678")

    assert carrier.sent[-1].to.e164() == "+8613912345678"
    assert "139****5678" in phone.get("/code").text


def test_a_store_may_allow_other_countries(join_with, parts, carrier):
    store = StoreSettings(countries=("CN", "HK"))
    phone = join_with(settings=parts.settings.model_copy(update={"store": store}))

    assert "HK" in phone.get("/").text
    assert phone.ask_code("+852 5123 4567").location == "/code"
    assert carrier.sent[0].to.e164() == "+85251234567"


def test_a_store_without_a_carrier_says_so(join_with, rows):
    phone = join_with(sms=None)

    assert "问问店员" in phone.get("/").text
    assert phone.ask_code().status_code == 503
    assert rows(CodeSend) == []


def test_a_phone_that_is_no_neighbour_is_asked_to_reconnect(join):
    stranger = join("192.0.2.7")

    for answer in (stranger.get("/"), stranger.ask_code(), stranger.get("/online")):
        assert answer.status_code == 403
        assert "重新连接" in answer.text
        assert "<form" not in answer.text

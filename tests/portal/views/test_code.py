import pytest

from core.models.login import Login
from portal.sms.shape import CarrierDownError, NumberRefusedError


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda code: code, id="plain"),
        pytest.param(lambda code: f" {code[:3]} {code[3:]} ", id="blanks"),
        pytest.param(lambda code: f"{code[:3]}-{code[3:]}", id="dash"),
        pytest.param(lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code), id="wide digits"),
    ],
)
def test_a_code_is_understood_as_people_type_it(phone, carrier, write):
    phone.ask_code()

    assert phone.enter_code(write(carrier.code)).location == "/consent"


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "abcdef", "12345a", "+12345", "٠١٢٣٤٥", "1" * 4000, "\x00" * 6],
)
def test_what_is_no_code_is_refused_and_costs_no_try(phone, rows, typed):
    phone.ask_code()
    answer = phone.post("/code", code=typed)

    assert answer.status_code == 422
    assert "6 位数字" in answer.text
    assert rows(Login)[0].failures == 0


def test_a_wrong_code_is_said_beside_the_field_and_not_repeated(phone, carrier):
    phone.ask_code()
    typed = wrong(carrier.code)
    answer = phone.enter_code(typed)

    assert answer.status_code == 422
    assert 'id="code-fault"' in answer.text
    assert "还可以试 4 次" in answer.text
    assert typed not in answer.text


def test_the_fifth_wrong_code_leads_back_to_the_number(phone, carrier):
    phone.ask_code()
    answers = [phone.enter_code(wrong(carrier.code)) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429]
    assert 'id="phone"' in answers[-1].text
    assert phone.enter_code().location == "/"


def test_an_expired_code_is_called_so(phone, carrier, clock):
    phone.ask_code()
    clock.pass_by(minutes=5)
    answer = phone.enter_code()

    assert answer.status_code == 422
    assert "过期" in answer.text


def test_a_resend_brings_the_same_code(phone, carrier, clock):
    phone.ask_code()
    clock.pass_by(minutes=1)
    answer = phone.post("/resend")

    assert answer.location == "/code?sent=again"
    assert 'role="status"' in phone.get(answer.location).text
    assert carrier.sent[0].code == carrier.sent[1].code


def test_a_resend_too_soon_says_how_long_to_wait(phone, carrier, clock):
    phone.ask_code()
    clock.pass_by(seconds=20)
    answer = phone.post("/resend")

    assert answer.status_code == 429
    assert "40 秒" in answer.text
    assert len(carrier.sent) == 1


def test_the_number_is_shown_masked(phone):
    phone.ask_code()
    page = phone.get("/code").text

    assert "138****8000" in page
    assert "13800138000" not in page


def test_a_phone_offers_the_code_from_the_message(phone):
    phone.ask_code()
    page = phone.get("/code").text

    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page


def test_a_carrier_that_is_down_leaves_the_code_to_be_sent_again(phone, carrier, clock):
    carrier.error = CarrierDownError("the SMS service answered with status 503")
    answer = phone.ask_code()

    assert answer.status_code == 503
    assert 'id="resend"' in answer.text
    carrier.error = None
    clock.pass_by(minutes=1)
    phone.post("/resend")
    assert phone.enter_code().location == "/consent"


@pytest.mark.parametrize("step", ["/login", "/resend"])
def test_a_number_the_carrier_refuses_is_given_up(phone, carrier, clock, step):
    if step == "/resend":
        phone.ask_code()
        clock.pass_by(minutes=1)
    carrier.error = NumberRefusedError("the SMS service refused with status 422")
    answer = phone.ask_code() if step == "/login" else phone.post("/resend")

    assert answer.status_code == 422
    assert 'id="phone"' in answer.text
    assert phone.get("/").status_code == 200

import pytest
from pydantic import SecretStr

from core.phone_number import PhoneNumber
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    SmsMessage,
)
from portal.sms.twilio import TwilioVerify
from portal.sms.wire import Wire


@pytest.fixture
def twilio(twilio_settings):
    return TwilioVerify(twilio_settings, Wire())


def test_the_code_is_twilios_and_good_once(twilio, outside, message, number, today):
    twilio.send(message, today)
    [arrived] = outside.inbox(number)

    wrong = "000000" if arrived["code"] != "000000" else "000001"
    assert not twilio.check(message.to, wrong)
    assert twilio.check(message.to, arrived["code"])
    assert not twilio.check(message.to, arrived["code"])


def test_a_second_message_repeats_the_code_and_the_sixth_is_refused(
    twilio, outside, message, number, today
):
    for _ in range(5):
        twilio.send(message, today)
    assert len({each["code"] for each in outside.inbox(number)}) == 1

    with pytest.raises(NumberBusyError, match="60203"):
        twilio.send(message, today)


def test_after_five_checks_nothing_is_right(twilio, outside, message, number, today):
    twilio.send(message, today)
    code = outside.inbox(number)[0]["code"]
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(5):
        assert not twilio.check(message.to, wrong)

    assert not twilio.check(message.to, code)


def test_a_code_expires(twilio, outside, message, number, today):
    twilio.send(message, today)
    outside.control(ahead_s=601)

    assert not twilio.check(message.to, outside.inbox(number)[0]["code"])


@pytest.mark.parametrize(
    ("changed", "names"),
    [({"auth_token": SecretStr("wrong")}, "20003"), ({"service_sid": "VA2"}, "20404")],
)
def test_what_is_set_up_wrong_is_named(twilio_settings, message, today, changed, names):
    twilio = TwilioVerify(twilio_settings.model_copy(update=changed), Wire())

    with pytest.raises(CarrierSetUpError, match=names):
        twilio.send(message, today)


@pytest.mark.parametrize(
    ("code", "sort"),
    [(60205, NumberRefusedError), (60410, NumberRefusedError), (60605, CarrierSetUpError)],
)
def test_each_code_says_whose_fault_it_is(  # noqa: PLR0917 - fixtures are passed by name
    twilio, outside, message, today, code, sort
):
    outside.control(carrier="twilio", say=code)

    with pytest.raises(sort, match=str(code)):
        twilio.send(message, today)


def test_what_is_no_number_is_refused(twilio, today):
    odd = SmsMessage(PhoneNumber.from_e164("+0"), "…", "012345", 5, "en")

    with pytest.raises(NumberRefusedError, match="60200"):
        twilio.send(odd, today)


def test_a_fault_page_means_that_it_is_down(twilio, outside, message, today):
    outside.control(carrier="twilio", status=503)

    with pytest.raises(CarrierDownError, match="503"):
        twilio.send(message, today)

import datetime as dt

import pytest
from pydantic import SecretStr

from core.phone_number import PhoneNumber
from portal.sms.aliyun import AliyunSms
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    Receipt,
    SmsMessage,
)
from portal.sms.wire import Wire


@pytest.fixture
def aliyun(aliyun_settings):
    """Each request's signature is checked by Aliyun's own library."""
    return AliyunSms(aliyun_settings, Wire())


def test_a_code_arrives_in_the_approved_template(aliyun, outside, message, number, today):
    message_id = aliyun.send(message, today)

    [arrived] = outside.inbox(number)
    assert arrived["id"] == message_id
    assert arrived["text"] == "【安福路店】验证码012345"


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"access_key_id": "LTAIother"}, "InvalidAccessKeyId.NotFound"),
        ({"access_key_secret": SecretStr("wrong")}, "SignatureDoesNotMatch"),
        ({"sign_name": "别家店"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"template_code": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL"),
    ],
)
def test_what_is_set_up_wrong_is_named(aliyun_settings, message, today, changed, names):
    aliyun = AliyunSms(aliyun_settings.model_copy(update=changed), Wire())

    with pytest.raises(CarrierSetUpError, match=names):
        aliyun.send(message, today)


def test_a_clock_that_is_wrong_is_named(aliyun, message, today):
    with pytest.raises(CarrierSetUpError, match=r"InvalidTimeStamp\.Expired"):
        aliyun.send(message, today - dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("code", "sort"),
    [
        ("isv.BLACK_KEY_CONTROL_LIMIT", NumberRefusedError),
        ("isv.DAY_LIMIT_CONTROL", CarrierSetUpError),
        ("isv.OUT_OF_SERVICE", CarrierSetUpError),
        ("isv.AMOUNT_NOT_ENOUGH", CarrierSetUpError),
        ("isp.RAM_PERMISSION_DENY", CarrierSetUpError),
        ("isp.SYSTEM_ERROR", CarrierDownError),
        ("Throttling.User", CarrierDownError),
    ],
)
def test_each_code_says_whose_fault_it_is(  # noqa: PLR0917 - fixtures are passed by name
    aliyun, outside, message, today, code, sort
):
    outside.control(carrier="aliyun", say=code)

    with pytest.raises(sort, match=code):
        aliyun.send(message, today)


def test_a_fault_page_means_that_it_is_down(aliyun, outside, message, today):
    outside.control(carrier="aliyun", status=502)

    with pytest.raises(CarrierDownError, match="502"):
        aliyun.send(message, today)


def test_a_number_gets_one_code_a_minute(aliyun, message, outside, today):
    aliyun.send(message, today)
    with pytest.raises(NumberBusyError):
        aliyun.send(message, today)

    outside.control(ahead_s=61)
    aliyun.send(message, today)


def test_a_number_of_another_country_is_refused(aliyun, today):
    abroad = SmsMessage(PhoneNumber.from_e164("+442071838750"), "…", "012345", 5, "en")

    with pytest.raises(NumberRefusedError) as caught:
        aliyun.send(abroad, today)
    assert "2071838750" not in str(caught.value)


def test_receipts_say_what_became_of_a_message(aliyun, message, today):
    message_id = aliyun.send(message, today)

    assert aliyun.receipt(message_id, message.to, today, today) == Receipt(True, "DELIVERED")
    assert aliyun.receipt("another", message.to, today, today) is None


def test_receipts_name_why_a_message_was_lost(aliyun, today):
    to = PhoneNumber.from_e164("+8613811119999")
    message_id = aliyun.send(SmsMessage(to, "…", "012345", 5, "zh"), today)

    assert aliyun.receipt(message_id, to, today, today) == Receipt(False, "USER_STATUS_ERR")

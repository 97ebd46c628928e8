import datetime as dt

import pytest
from pydantic import SecretStr
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client import SmsClient

from core.phone_number import PhoneNumber
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    Receipt,
    SmsMessage,
)
from portal.sms.tencent import TencentSms
from portal.sms.wire import Wire


@pytest.fixture
def tencent(tencent_settings):
    return TencentSms(tencent_settings, Wire())


def test_tencents_own_client_is_at_home_here(outside, number):
    """What stands in for Tencent takes what the official SDK sends: it can judge ours."""
    place = HttpProfile(protocol="http", endpoint=outside.url.removeprefix("http://"))
    client = SmsClient(
        Credential("LTAI5tExample", "a secret of the account"),
        "ap-guangzhou",
        ClientProfile(httpProfile=place),
    )
    asked = models.SendSmsRequest()
    asked.PhoneNumberSet, asked.SmsSdkAppId = [number], "1400006666"
    asked.SignName, asked.TemplateId = "安福路店", "449739"
    asked.TemplateParamSet = ["012345", "5"]

    assert client.SendSms(asked).SendStatusSet[0].Code == "Ok"


def test_a_code_arrives_in_the_approved_template(tencent, outside, message, number, today):
    message_id = tencent.send(message, today)

    [arrived] = outside.inbox(number)
    assert arrived["id"] == message_id
    assert arrived["text"] == "【安福路店】012345为您的验证码，5分钟内有效"


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"secret_id": "other"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": SecretStr("wrong")}, "AuthFailure.SignatureFailure"),
        ({"app_id": "1"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ({"sign_name": "别家店"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"template_values": ("code",)}, "FailedOperation.TemplateIncorrectOrUnapproved"),
    ],
)
def test_what_is_set_up_wrong_is_named(tencent_settings, message, today, changed, names):
    tencent = TencentSms(tencent_settings.model_copy(update=changed), Wire())

    with pytest.raises(CarrierSetUpError, match=names):
        tencent.send(message, today)


def test_a_clock_that_is_wrong_is_named(tencent, message, today):
    with pytest.raises(CarrierSetUpError, match=r"AuthFailure\.SignatureExpire"):
        tencent.send(message, today - dt.timedelta(minutes=10))


@pytest.mark.parametrize(
    ("code", "sort"),
    [
        ("LimitExceeded.PhoneNumberDailyLimit", NumberBusyError),
        ("LimitExceeded.AppDailyLimit", CarrierSetUpError),
        ("FailedOperation.PhoneNumberInBlacklist", NumberRefusedError),
        ("FailedOperation.InsufficientBalanceInSmsPackage", CarrierSetUpError),
        ("InternalError.Timeout", CarrierDownError),
    ],
)
def test_each_code_says_whose_fault_it_is(  # noqa: PLR0917 - fixtures are passed by name
    tencent, outside, message, today, code, sort
):
    outside.control(carrier="tencent", say=code)

    with pytest.raises(sort, match=code):
        tencent.send(message, today)


def test_a_fault_page_means_that_it_is_down(tencent, outside, message, today):
    outside.control(carrier="tencent", status=500)

    with pytest.raises(CarrierDownError, match="500"):
        tencent.send(message, today)


def test_a_number_gets_one_code_in_half_a_minute(tencent, message, today):
    tencent.send(message, today)

    with pytest.raises(NumberBusyError, match="ThirtySecond"):
        tencent.send(message, today)


def test_receipts_say_what_became_of_a_message(tencent, message, today):
    message_id = tencent.send(message, today)

    assert tencent.receipt(message_id, message.to, today, today) == Receipt(True, "DELIVRD")
    assert tencent.receipt("another", message.to, today, today) is None


def test_receipts_name_why_a_message_was_lost(tencent, today):
    to = PhoneNumber.from_e164("+8613822229999")
    message_id = tencent.send(SmsMessage(to, "…", "012345", 5, "zh"), today)

    assert tencent.receipt(message_id, to, today, today) == Receipt(False, "UNDELIV")

"""A code from the portal's carrier by headquarters, under real gunicorn, to a strict carrier."""

import pytest

from core.headquarters_line import HeadquartersDownError, Line, open_line
from core.setting_groups.sms import SmsSettings
from core.webhook_signature import read_key
from portal.sms.carriers import open_carriers
from portal.sms.headquarters import HeadquartersSms
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberRefusedError,
)
from tests.fakes.carriers import KEY_ID, SECRET, SIGN_NAME, TEMPLATE
from tests.hq.headquarters import Headquarters, store_settings


@pytest.fixture(scope="module")
def headquarters(outside, tmp_path_factory):
    variables = {
        "SMS__CARRIERS": '["aliyun"]',
        "SMS__ALIYUN__ACCESS_KEY_ID": KEY_ID,
        "SMS__ALIYUN__ACCESS_KEY_SECRET": SECRET,
        "SMS__ALIYUN__SIGN_NAME": SIGN_NAME,
        "SMS__ALIYUN__TEMPLATE_CODE": TEMPLATE,
        "SMS__ALIYUN__URL": outside.url,
    }
    with Headquarters(tmp_path_factory.mktemp("hq"), has_wechat=False, **variables) as running:
        running.key = running.add_store("store-7", "http://wifi.store.test")
        yield running


@pytest.fixture
def carriers(headquarters):
    found = store_settings(
        headquarters.url, headquarters.key, sms=SmsSettings(carriers=("headquarters",))
    )
    return open_carriers(found.sms, open_line(found.headquarters, found.store.id))


def test_a_code_arrives_and_its_receipt_is_told(carriers, outside, headquarters, message, today):
    sent = carriers.send(message, today)

    [arrived] = outside.inbox(message.to.e164())
    assert arrived["text"] == "【安福路店】验证码012345"
    assert (sent.carrier, sent.keeps_code) == ("headquarters", False)
    outside.control(ahead_s=120)
    receipt = carriers["headquarters"].receipt(sent.message_id, message.to, today, today)
    assert receipt is None or receipt.is_delivered
    log = headquarters.log()
    assert message.to.e164().removeprefix("+86") not in log
    assert message.code not in log


def test_a_number_that_the_carrier_refuses_is_the_numbers_fault(carriers, message, outside, today):
    outside.control(carrier="aliyun", say="isv.MOBILE_NUMBER_ILLEGAL")

    with pytest.raises(NumberRefusedError):
        carriers.send(message, today)


def test_a_carrier_that_is_down_is_told_as_such(carriers, message, outside, today):
    outside.control(carrier="aliyun", status=503)

    with pytest.raises(CarrierDownError, match="no carrier"):
        carriers.send(message, today)


def test_a_store_that_headquarters_does_not_know_is_set_up_wrong(headquarters, message, today):
    with pytest.raises(CarrierSetUpError, match="401"):
        HeadquartersSms(Line(headquarters.url, b"x" * 32, "store-7")).send(message, today)


def test_headquarters_away_is_temporary(message, today):
    with pytest.raises(CarrierDownError):
        HeadquartersSms(Line("http://127.0.0.1:9", b"x" * 32, "store-7")).send(message, today)


def test_an_answer_that_is_lost_sends_nothing_twice(headquarters, message, outside, today):
    line = _LosesAnswers(Line(headquarters.url, read_key(headquarters.key), "store-7"))
    assert HeadquartersSms(line).send(message, today)

    assert line.asked == 2
    assert len(outside.inbox(message.to.e164())) == 1


class _LosesAnswers:
    """A line whose first answer never arrives; headquarters has heard the question."""

    def __init__(self, line):
        self._line = line
        self.asked = 0

    def ask(self, to, question, now):
        self.asked += 1
        answer = self._line.ask(to, question, now)
        if self.asked == 1:
            raise HeadquartersDownError("headquarters does not answer (ReadTimeout)")
        return answer

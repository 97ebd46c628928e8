import pytest

from core.phone_number import PhoneNumber
from core.setting_groups.sms import SmsSettings
from core.settings import SettingsError
from portal.sms import carriers
from portal.sms.carriers import Carriers, Sent
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    SmsMessage,
)

CHINESE = SmsMessage(PhoneNumber.from_e164("+8613800138000"), "…", "012345", 5, "zh")
BRITISH = SmsMessage(PhoneNumber.from_e164("+447911123456"), "…", "012345", 5, "en")


class Provider:
    def __init__(self, error=None):
        self.error = error
        self.asked = 0

    def send(self, _message, _now):
        self.asked += 1
        if self.error:
            raise self.error
        return "id-1"


class Keeper(Provider):
    def check(self, _to, code):
        return code == "654321"


@pytest.fixture
def first():
    return Provider()


@pytest.fixture
def second():
    return Keeper()


@pytest.fixture
def both(first, second):
    both = Carriers({"first": first, "second": second}, {"first": ("CN",)}, lambda: both.time)
    both.time = 100.0
    return both


def test_the_first_carrier_is_asked_first(both, second, now):
    assert both.send(CHINESE, now) == Sent("first", "id-1", keeps_code=False)
    assert second.asked == 0


@pytest.mark.parametrize("fault", [CarrierDownError, CarrierSetUpError])
def test_a_carriers_fault_leads_to_the_next(both, first, now, fault):
    first.error = fault("down")

    assert both.send(CHINESE, now) == Sent("second", "id-1", keeps_code=True)


@pytest.mark.parametrize("fault", [NumberRefusedError, NumberBusyError])
def test_the_numbers_fault_does_not(both, first, second, now, fault):
    first.error = fault("no such number")

    with pytest.raises(fault):
        both.send(CHINESE, now)
    assert second.asked == 0


def test_a_carrier_that_failed_rests_and_is_asked_again_later(both, first, now):
    first.error = CarrierDownError("down")
    both.send(CHINESE, now)
    first.error = None

    assert both.send(CHINESE, now).carrier == "second"
    assert first.asked == 1
    both.time += 31
    assert both.send(CHINESE, now).carrier == "first"


def test_when_all_fail_all_were_asked_and_the_last_says_why(both, first, second, now):
    first.error, second.error = CarrierDownError("one"), CarrierSetUpError("two")

    with pytest.raises(CarrierSetUpError, match="two"):
        both.send(CHINESE, now)
    with pytest.raises(CarrierSetUpError):
        both.send(CHINESE, now)
    assert (first.asked, second.asked) == (2, 2)


def test_a_carrier_is_asked_for_its_countries_alone(both, first, now):
    assert both.send(BRITISH, now).carrier == "second"
    assert first.asked == 0


def test_a_country_of_nobody_is_a_matter_of_settings(first, now):
    with pytest.raises(CarrierSetUpError, match="country"):
        Carriers({"first": first}, {"first": ("CN",)}).send(BRITISH, now)


def test_a_resend_goes_to_who_made_the_code(both, now):
    assert both.send(CHINESE, now, usual="second").carrier == "second"


def test_the_keeper_of_a_code_checks_it(both):
    assert both.check("second", CHINESE.to, "654321")
    assert not both.check("second", CHINESE.to, "000000")
    with pytest.raises(CarrierSetUpError, match="first"):
        both.check("first", CHINESE.to, "654321")


def test_a_store_without_a_carrier_has_none():
    assert carriers.open_carriers(SmsSettings()) is None


@pytest.mark.parametrize("key", ["hunter2", "whsec_", "whsec_AAAA", "whsec_hunter2!"])
def test_a_webhook_without_a_good_key_stops_the_start_and_names_the_setting(key):
    found = SmsSettings(
        carriers=["webhook"], webhook={"url": "http://sms.example", "signing_key": key}
    )
    with pytest.raises(SettingsError, match="DOORMAN_SMS__WEBHOOK__SIGNING_KEY") as caught:
        carriers.open_carriers(found)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("carrier", ["webhook", "aliyun", "tencent", "twilio", "gammu"])
def test_a_carrier_that_is_not_set_up_names_what_is_missing(carrier):
    with pytest.raises(ValueError, match=rf"sms\.{carrier} also needs"):
        SmsSettings(carriers=[carrier])


def test_every_carrier_can_be_opened(  # noqa: PLR0917 - fixtures are passed by name
    aliyun_settings, tencent_settings, twilio_settings, message, number, today, outside
):
    found = SmsSettings(
        carriers=["aliyun", "tencent", "twilio", "gammu"],
        aliyun=aliyun_settings,
        tencent=tencent_settings,
        twilio=twilio_settings,
        gammu={"outbox": "/nowhere", "errors": "/nowhere"},
    )
    opened = carriers.open_carriers(found)
    outside.control(carrier="aliyun", status=500)

    assert opened.send(message, today).carrier == "tencent"
    assert outside.inbox(number)[0]["code"] == message.code

"""A login whose code the carrier made, as Twilio Verify does."""

import pytest

from core.models.login import Login, LoginState
from portal.sms.carriers import Carriers
from portal.sms.shape import CarrierDownError
from portal.ways.login import TRIES


class Keeper:
    def __init__(self):
        self.code = "654321"
        self.error = None
        self.checked = []

    def send(self, _message, _now):
        return "VE1"

    def check(self, to, code):
        self.checked.append(to.e164())
        if self.error:
            raise self.error
        return code == self.code


@pytest.fixture
def keeper():
    return Keeper()


@pytest.fixture
def phone(join_with, keeper):
    return join_with(sms=Carriers({"keeper": keeper}, {}))


def test_the_carriers_code_leads_on(phone, keeper):
    assert phone.ask_code().location == "/code"
    assert phone.enter_code("654321").location == "/consent"
    assert keeper.checked == ["+8613800138000"]


def test_a_wrong_one_counts_as_a_try_here_too(phone, rows):
    phone.ask_code()
    for _ in range(TRIES):
        phone.enter_code("000000")

    [login] = rows(Login)
    assert login.state is LoginState.LOCKED


def test_a_carrier_that_cannot_check_costs_no_try(phone, keeper, rows):
    phone.ask_code()
    keeper.error = CarrierDownError("down")
    answer = phone.enter_code("654321")

    assert answer.status_code == 503
    assert "核对不了" in answer.text
    [login] = rows(Login)
    assert login.failures == 0
    keeper.error = None
    assert phone.enter_code("654321").location == "/consent"


def test_our_own_code_is_worth_nothing_then(phone, rows, parts):
    phone.ask_code()
    [login] = rows(Login)
    ours = parts.sealer.open("logins.sealed_code", login.sealed_code).decode()

    assert phone.enter_code(ours).status_code == 422


def test_a_resend_asks_the_same_carrier(join_with, keeper, carrier, clock):
    """Although the first choice is back: the code that arrived first stays right."""
    carrier.error = CarrierDownError("down")
    phone = join_with(sms=Carriers({"first": carrier, "keeper": keeper}, {}))
    phone.ask_code()
    carrier.error = None
    clock.pass_by(seconds=61)
    phone.post("/resend")

    assert carrier.sent == []
    assert phone.enter_code("654321").location == "/consent"

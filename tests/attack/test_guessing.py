"""Guessing from ever new devices: each has a clean slate, what they guess at has not."""

import secrets

import pytest

from core.models.voucher import VoucherTry
from core.setting_groups.portal import PortalSettings
from core.setting_groups.sms import SmsSettings
from core.setting_groups.ways import WaysSettings
from core.texts import Texts
from core.wechat_relay import LOOK
from portal import devices
from portal.application import create_app
from portal.neighbours import LoopbackNeighbours
from portal.parts import Parts
from portal.sms.carriers import Carriers
from portal.ways.limits import FAILURES_PER_NUMBER
from portal.ways.vouchers import WRONG_TRIES_OF_STORE_PER_HOUR
from portal.wsgi import TEXTS
from tests.hq.parts import PORTAL, Relay
from tests.portal.conftest import URL, Clock, FakeCarrier, FakeGate, Phone
from tests.portal.other_ways import make_vouchers

WRONG = "0000-0000"
STORE_DAY = 6


class Shop:
    """Its portal, and phones of which nobody has heard before."""

    def __init__(self, settings, database, sealer, secrets, now):
        self.clock, self.carrier, self.gate = Clock(now), FakeCarrier(), FakeGate()
        self.database, self.sealer, self._phones = database, sealer, 0
        ours = settings.model_copy(
            update={
                "portal": PortalSettings(url=URL),
                "ways": WaysSettings(sms=True, voucher=True),
                "sms": SmsSettings(sends_per_store_day=STORE_DAY),
            }
        )
        carriers = Carriers({"webhook": self.carrier}, {})
        self.app = create_app(
            Parts(
                ours,
                database,
                sealer,
                secrets,
                self.gate,
                LoopbackNeighbours(),
                carriers,
                Texts.load(TEXTS),
                self.clock,
            )
        )
        _, self.vouchers = make_vouchers(database, sealer, ours, now, number=2)

    def new_phone(self):
        self._phones += 1
        return Phone(
            self.app, f"127.1.{self._phones // 250}.{self._phones % 250 + 1}", self.carrier
        )

    def guess_vouchers(self, times):
        """So many wrong ones, without the pages around them."""
        at = self.clock.now
        with self.database.writing() as session:
            guessing = devices.find_or_make(session, self.sealer, self.new_phone().mac, at)
            session.add_all(VoucherTry(device_id=guessing.id, tried_at=at) for _ in range(times))


@pytest.fixture
def shop(settings, database, sealer, secrets, now):
    return Shop(settings, database, sealer, secrets, now)


def enter(phone, code):
    return phone.post("/voucher", voucher=code, terms="yes").status_code


def test_ever_new_phones_guess_no_more_vouchers_than_a_store_stands(shop):
    shop.guess_vouchers(WRONG_TRIES_OF_STORE_PER_HOUR - 2)
    tried = [enter(shop.new_phone(), WRONG) for _ in range(2)]

    assert tried == [422, 422]
    # Not even a right one, which would tell that it is.
    assert enter(shop.new_phone(), shop.vouchers[0]) == 429
    assert shop.gate.inside == {}


def test_phones_from_before_go_on_while_others_guess(shop):
    shopper = shop.new_phone()
    assert enter(shopper, WRONG) == 422
    shop.clock.pass_by(hours=1)
    shop.guess_vouchers(WRONG_TRIES_OF_STORE_PER_HOUR)

    assert enter(shopper, shop.vouchers[0]) == 303
    assert list(shop.gate.inside) == [shopper.mac.text()]


def test_an_hour_after_the_last_guess_new_phones_are_let_in_again(shop):
    shop.guess_vouchers(WRONG_TRIES_OF_STORE_PER_HOUR)
    shop.clock.pass_by(hours=1)

    assert enter(shop.new_phone(), shop.vouchers[1]) == 303


def test_ever_new_phones_guess_no_more_codes_of_a_number(shop):
    """The number's own code is another one for each phone, and each has five tries."""
    wrong, asked = 0, []
    for _ in range(4):
        phone = shop.new_phone()
        asked.append(phone.ask_code().status_code)
        shop.clock.pass_by(minutes=1)
        if asked[-1] == 303:
            other = f"{(int(shop.carrier.code) + 1) % 10**6:06}"
            wrong += [phone.enter_code(other).status_code for _ in range(6)].count(422)

    assert asked == [303, 303, 429, 429]
    assert wrong < FAILURES_PER_NUMBER


def test_ever_new_phones_and_numbers_are_sent_no_more_than_a_store_pays_for(shop):
    numbers = [f"138001380{each:02}" for each in range(STORE_DAY + 2)]
    asked = [shop.new_phone().ask_code(number).status_code for number in numbers]

    assert asked == [303] * STORE_DAY + [503] * 2
    assert len(shop.carrier.sent) == STORE_DAY


@pytest.fixture
def relay(hq, sealer, now):
    return Relay(hq, sealer, now)


def test_who_guesses_logins_by_wechat_learns_nothing_and_stops_nobody(relay):
    login = relay.begin().json["login"]
    made_up = [secrets.token_hex(16) for _ in range(20)]
    asked = [relay.ask(LOOK, login=each).status_code for each in made_up]

    assert set(asked) == {404}
    # What cannot be one is not even looked up.
    assert relay.ask(LOOK, login=login[:-1]).status_code == 422
    assert relay.ask(LOOK, login=login).status_code == 200


def test_another_stores_login_is_as_unknown_as_one_that_is_not_there(relay):
    login = relay.begin().json["login"]
    key = relay.add_store("store-8", PORTAL)

    answers = [relay.ask(LOOK, store="store-8", key=key, login=each) for each in (login, "0" * 32)]

    assert [each.status_code for each in answers] == [404, 404]
    assert answers[0].data == answers[1].data

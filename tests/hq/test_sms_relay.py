"""Codes that headquarters sends for stores. The whole way: tests/portal/sms."""

import concurrent.futures

import pytest
import sqlalchemy as sa
import ulid

from core import headquarters
from core.setting_groups.sms import SmsSettings
from hq import sms_relay
from hq.models.sms_send import SmsSend
from hq.models.store import Store
from portal.sms.carriers import Carriers
from portal.sms.shape import (
    CarrierDownError,
    CarrierSetUpError,
    NumberBusyError,
    NumberRefusedError,
    Receipt,
)
from tests.hq.parts import PORTAL, Relay

NUMBER = "+8613800138000"


class Carrier:
    """Sends, or raises `error`."""

    def __init__(self):
        self.error = None
        self.sent = []

    def send(self, message, _now):
        if self.error:
            raise self.error
        self.sent.append(message)
        return f"id-{len(self.sent)}"

    def receipt(self, message_id, to, _sent_at, _now):
        assert to.e164() == NUMBER
        return Receipt(True, f"DELIVERED {message_id}")


@pytest.fixture
def carrier():
    return Carrier()


@pytest.fixture
def opened(sealer, now, carrier):
    def opened(database):
        limits = SmsSettings(sends_per_number_hour=3, sends_per_store_day=5)
        carriers = Carriers({"ours": carrier}, {}, lambda: 0.0)
        return Relay(database, sealer, now, carriers=carriers, sms_limits=limits)

    return opened


@pytest.fixture
def chain(opened, hq_sqlite):
    return opened(hq_sqlite)


@pytest.fixture
def any_chain(opened, hq_database):
    """On SQLite and on PostgreSQL: where rows are locked and counted."""
    return opened(hq_database)


def send(chain, message=None, number=NUMBER, **changes):
    question = {
        "message": message or str(ulid.ULID()),
        "number": number,
        "code": "012345",
        "minutes": 5,
        "language": "en",
    }
    return chain.ask(headquarters.SMS, **{**question, **changes})


def outcome(answer):
    assert answer.status_code == 200
    return answer.json["outcome"]


def test_headquarters_writes_the_text_itself(chain, carrier):
    assert outcome(send(chain)) == "taken"

    [message] = carrier.sent
    assert (message.to.e164(), message.code) == (NUMBER, "012345")
    assert message.text.startswith("012345 is your Wi-Fi code for store-7, valid for 5 min")


def test_the_same_message_is_sent_once(any_chain, carrier):
    message = str(ulid.ULID())
    assert [outcome(send(any_chain, message)) for _ in range(3)] == ["taken"] * 3
    assert len(carrier.sent) == 1


def test_what_was_not_taken_is_not_tried_again_under_the_same_id(chain, carrier):
    message = str(ulid.ULID())
    carrier.error = CarrierDownError("down")
    assert outcome(send(chain, message)) == "down"
    carrier.error = None

    assert outcome(send(chain, message)) == "down"
    assert outcome(send(chain)) == "taken"
    assert len(carrier.sent) == 1


def test_a_message_in_the_hands_of_a_program_that_died_counts_as_sent(chain, carrier):
    message = str(ulid.ULID())
    carrier.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        send(chain, message)
    carrier.error = None

    assert outcome(send(chain, message)) == "taken"
    assert carrier.sent == []


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (CarrierDownError("x"), "down"),
        (CarrierSetUpError("x"), "set_up"),
        (NumberRefusedError("x"), "number_refused"),
        (NumberBusyError("x"), "number_busy"),
    ],
)
def test_a_store_is_told_whose_fault_it_is(chain, carrier, error, word):
    carrier.error = error

    assert outcome(send(chain)) == word


def test_without_carriers_somebody_has_to_set_them_up(hq_sqlite, sealer, now):
    assert outcome(send(Relay(hq_sqlite, sealer, now))) == "set_up"


def test_a_number_gets_so_many_by_whatever_store(any_chain, carrier):
    other_key = any_chain.add_store("store-8", PORTAL)
    assert [outcome(send(any_chain)) for _ in range(3)] == ["taken"] * 3
    any_chain.key = other_key

    body, headers = any_chain.signed(
        headquarters.SMS,
        store="store-8",
        message=str(ulid.ULID()),
        number=NUMBER,
        code="1234",
        minutes=5,
        language="zh",
    )
    answer = any_chain.browser.post(headquarters.SMS, data=body, headers=headers)
    assert outcome(answer) == "number_busy"
    assert len(carrier.sent) == 3


@pytest.mark.parametrize("hq_database", ["postgresql"], indirect=True)
def test_a_number_gets_so_many_though_stores_ask_at_once(any_chain, carrier):
    names = [f"shop-{number}" for number in range(6)]
    for name in names:
        any_chain.add_store(name, PORTAL)
    with any_chain.database.reading() as session:
        stores = [session.get_one(Store, name) for name in names]

    def ask(store):
        wanted = sms_relay.Code(str(ulid.ULID()), NUMBER, "0123", 5, "en")
        return sms_relay.send(any_chain.parts, store, wanted, any_chain.clock.now)

    pool = concurrent.futures.ThreadPoolExecutor(len(stores))
    with pool, any_chain.database.writing() as session:
        # As by whoever folds a store's news: a code does not wait for that.
        session.scalars(sa.select(Store).with_for_update(key_share=True)).all()
        words = list(pool.map(ask, stores, timeout=20))

    assert sorted(words) == ["number_busy"] * 3 + ["taken"] * 3
    assert len(carrier.sent) == 3


def test_a_stolen_store_sends_no_more_than_a_store_may(any_chain, carrier):
    numbers = [f"+86138001380{number:02}" for number in range(7)]
    words = [outcome(send(any_chain, number=number)) for number in numbers]
    assert words == ["taken"] * 5 + ["store_limit"] * 2
    any_chain.clock.pass_by(hours=25)

    assert outcome(send(any_chain, number=numbers[6])) == "taken"


@pytest.mark.parametrize("number", ["+447911123456", "+8602012345678"], ids=["abroad", "fixed"])
def test_a_store_cannot_have_codes_sent_where_the_chain_has_no_shoppers(chain, carrier, number):
    assert outcome(send(chain, number=number)) == "number_refused"
    assert carrier.sent == []


@pytest.mark.parametrize(
    "change",
    [{"code": "call 12"}, {"code": ""}, {"message": "x"}, {"number": "110"}, {"text": "buy"}],
    ids=str,
)
def test_a_store_sends_codes_and_no_texts(chain, carrier, change):
    assert send(chain, **change).status_code == 422
    assert carrier.sent == []


def test_neither_number_nor_code_is_kept(chain, hq_sqlite):
    send(chain)

    with hq_sqlite.reading() as session:
        [row] = session.scalars(sa.select(SmsSend))
        kept = repr(
            {
                column: getattr(row, column)
                for column in [each.key for each in SmsSend.__table__.columns]
            }
        )
    assert "13800138000" not in kept
    assert "012345" not in kept


def test_a_store_hears_what_became_of_its_own_message_alone(chain):
    message = str(ulid.ULID())
    send(chain, message)

    def receipt(**question):
        return chain.ask(headquarters.SMS_RECEIPT, **question).json["receipt"]

    told = receipt(message=message, number=NUMBER)
    assert told == {"is_delivered": True, "reason": "DELIVERED id-1"}
    assert receipt(message=message, number="+8613800138001") is None
    assert receipt(message=str(ulid.ULID()), number=NUMBER) is None

import datetime as dt

import pytest

from core.mac import Mac
from core.models.code_send import CodeSend, SendState
from core.setting_groups.sms import SmsSettings
from portal import devices
from portal.ways import limits
from portal.ways.limits import Reason, Refusal

ALICE, BOB = b"alice".ljust(16), b"bob".ljust(16)

SMS = SmsSettings(
    sends_per_number_hour=3,
    sends_per_number_day=5,
    sends_per_device_day=6,
    sends_per_store_day=8,
)
SECOND = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ledger(any_database, sealer, now):
    return Ledger(any_database, sealer, now)


class Ledger:
    """Codes sent so far, and whether one more would be allowed."""

    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now = database, sealer, now

    def device(self, number):
        with self.database.writing() as session:
            mac = Mac(b"\x02\0\0\0\0" + bytes([number]))
            return devices.find_or_make(session, self.sealer, mac, self.now).id

    def sent(self, *ages, number=ALICE, device=1):
        device_id = self.device(device)
        with self.database.writing() as session:
            session.add_all(
                CodeSend(
                    account_lookup=number,
                    device_id=device_id,
                    sent_at=self.now - age,
                    state=SendState.TAKEN,
                )
                for age in ages
            )

    def judge(self, number=ALICE, device=1):
        device_id = self.device(device)
        with self.database.reading() as session:
            return limits.judge_send(session, SMS, number, device_id, self.now)


def test_the_first_code_is_sent(ledger):
    assert ledger.judge() is None


def test_a_number_waits_a_minute_between_two_codes_and_is_told_how_long(ledger):
    ledger.sent(20 * SECOND)

    assert ledger.judge() == Refusal(Reason.TOO_SOON, wait_s=40)
    assert ledger.judge(number=BOB) is None


def test_after_a_minute_the_next_code_is_sent(ledger):
    ledger.sent(60 * SECOND)

    assert ledger.judge() is None


@pytest.mark.parametrize(
    ("ages", "reason"),
    [
        pytest.param([5 * MINUTE] * 3, Reason.NUMBER_HOUR, id="three within the hour"),
        pytest.param([5 * MINUTE] * 2 + [HOUR], None, id="the third is an hour old"),
        pytest.param([2 * HOUR] * 5, Reason.NUMBER_DAY, id="five within the day"),
        pytest.param([2 * HOUR] * 4 + [24 * HOUR], None, id="the fifth is a day old"),
    ],
)
def test_a_number_is_sent_so_many(ledger, ages, reason):
    ledger.sent(*ages)
    refusal = ledger.judge()

    assert (refusal.reason if refusal else None) is reason


def test_a_phone_may_ask_so_often_for_whatever_numbers(ledger):
    for name in (b"1", b"2", b"3", b"4", b"5", b"6"):
        ledger.sent(2 * HOUR, number=name.ljust(16))

    assert ledger.judge(number=BOB) == Refusal(Reason.DEVICE_DAY)
    assert ledger.judge(number=BOB, device=2) is None


def test_a_store_pays_for_so_many(ledger):
    for number in range(8):
        ledger.sent(2 * HOUR, number=bytes([number]) * 16, device=number + 10)

    assert ledger.judge(number=BOB, device=2) == Refusal(Reason.STORE_DAY)


def test_a_phone_may_ask_for_three_numbers_a_day(ledger):
    for number in (b"carol", b"dave", b"erin"):
        ledger.sent(20 * HOUR, number=number.ljust(16))

    assert ledger.judge() == Refusal(Reason.DEVICE_NUMBERS)
    assert ledger.judge(number=b"dave".ljust(16)) is None
    assert ledger.judge(device=2) is None


def test_a_number_of_yesterday_does_not_count(ledger):
    for number in (b"carol", b"dave", b"erin"):
        ledger.sent(25 * HOUR, number=number.ljust(16))

    assert ledger.judge() is None

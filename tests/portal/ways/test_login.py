import concurrent.futures
import datetime as dt

import pytest

from core.account import Account
from core.mac import Mac
from core.models.login import Login, LoginState
from core.phone_number import PhoneNumber
from core.setting_groups.sms import SmsSettings
from portal import devices
from portal.ways import standing
from portal.ways.limits import Reason, Refusal
from portal.ways.login import CodeToSend, LoginDesk, Outcome, Try, Verdict, account_of

ALICE = PhoneNumber.from_e164("+8613800138000")
BOB = PhoneNumber.from_e164("+8613912345678")

MINUTE = dt.timedelta(minutes=1)


class Counter:
    """A desk, its database, and the time: each call is one transaction."""

    def __init__(self, database, sealer, now, **sms):
        self.desk = LoginDesk(SmsSettings(**sms), sealer, bytes(32))
        self.database = database
        self.sealer = sealer
        self.now = now

    def device(self, number=1):
        with self.database.writing() as session:
            return devices.find_or_make(
                session, self.sealer, Mac(b"\x02\0\0\0\0" + bytes([number])), self.now
            )

    def start(self, device, phone=ALICE):
        with self.database.writing() as session:
            return self.desk.start(session, device, Account.of_phone(phone), "zh", self.now)

    def resend(self, device):
        with self.database.writing() as session:
            return self.desk.resend(session, device, self.now)

    def verify(self, device, code):
        with self.database.writing() as session:
            return self.desk.verify(session, device, code, self.now)

    def login(self, device) -> Login:
        with self.database.reading() as session:
            return standing.newest_login(session, device)

    def fail(self, device, times):
        right = self.start(device).code
        for _ in range(times):
            self.verify(device, wrong(right))


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
def counter(any_database, sealer, now):
    return Counter(any_database, sealer, now)


def test_the_right_code_proves_the_number(counter):
    device = counter.device()
    sending = counter.start(device)

    assert counter.verify(device, sending.code) == Try(Verdict.RIGHT)
    assert counter.login(device).state is LoginState.VERIFIED
    assert counter.login(device).verified_at == counter.now


def test_a_code_works_once(counter):
    device = counter.device()
    code = counter.start(device).code
    counter.verify(device, code)

    assert counter.verify(device, code) is None
    login = counter.login(device)
    assert (login.code_hash, login.sealed_code) == (None, None)


def test_a_phone_cannot_use_the_code_sent_for_another(counter):
    alices, bobs = counter.device(1), counter.device(2)
    code = counter.start(alices, ALICE).code
    if counter.start(bobs, BOB).code == code:
        pytest.skip("one in a million: both were given the same code")

    assert counter.verify(bobs, code).verdict is Verdict.WRONG
    assert counter.verify(alices, code).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        pytest.param(dt.timedelta(minutes=4, seconds=59), Verdict.RIGHT, id="just in time"),
        pytest.param(dt.timedelta(minutes=5), Verdict.EXPIRED, id="too late"),
    ],
)
def test_a_code_lasts_five_minutes(counter, after, verdict):
    device = counter.device()
    code = counter.start(device).code
    counter.now += after

    assert counter.verify(device, code).verdict is verdict


def test_a_resend_keeps_code_and_failures(counter):
    device = counter.device()
    first = counter.start(device)
    counter.verify(device, wrong(first.code))
    counter.now += MINUTE
    again = counter.resend(device)

    assert again.code == first.code
    assert counter.login(device).failures == 1
    assert counter.verify(device, wrong(first.code)) == Try(Verdict.WRONG, left=3)


def test_a_resend_gives_the_code_its_five_minutes_again_but_never_more_than_ten(counter):
    device = counter.device()
    made_at, lasts = counter.now, []
    lasts.append(counter.start(device).lasts)
    for _ in range(2):
        counter.now += 4 * MINUTE
        lasts.append(counter.resend(device).lasts)

    assert lasts == [5 * MINUTE, 5 * MINUTE, 2 * MINUTE]
    assert counter.login(device).code_expires_at == made_at + 10 * MINUTE


def test_a_number_that_this_phone_has_just_proven_needs_no_second_code(counter):
    """Somebody went back to the first page and sent it again."""
    device = counter.device()
    counter.verify(device, counter.start(device).code)

    assert counter.start(device) is Outcome.PROVEN
    assert counter.login(device).state is LoginState.VERIFIED
    counter.now += 30 * MINUTE
    assert isinstance(counter.start(device), CodeToSend)


def test_what_one_phone_has_proven_proves_nothing_for_another(counter):
    alices, bobs = counter.device(1), counter.device(2)
    counter.verify(alices, counter.start(alices, ALICE).code)
    counter.now += MINUTE

    assert isinstance(counter.start(bobs, ALICE), CodeToSend)
    assert isinstance(counter.start(alices, BOB), CodeToSend)


def test_an_expired_code_is_replaced_and_its_failures_count_on(counter):
    device = counter.device()
    old = counter.start(device).code
    counter.verify(device, wrong(old))
    counter.now += 6 * MINUTE
    new = counter.resend(device).code

    assert counter.login(device).failures == 1
    assert counter.verify(device, new).verdict is Verdict.RIGHT


def test_the_fifth_wrong_code_ends_the_login_even_for_the_right_one(counter):
    device = counter.device()
    code = counter.start(device).code
    tries = [counter.verify(device, wrong(code)) for _ in range(5)]

    assert [tried.left for tried in tries] == [4, 3, 2, 1, 0]
    assert tries[-1].verdict is Verdict.LOCKED
    assert counter.verify(device, code) is None


def test_the_same_number_again_goes_on_with_the_same_login(counter):
    device = counter.device()
    first = counter.start(device)

    assert counter.start(device) is Outcome.ON_ITS_WAY
    counter.now += MINUTE
    second = counter.start(device)
    assert (second.login_id, second.code) == (first.login_id, first.code)


def test_another_number_is_another_login_with_another_code(counter):
    device = counter.device()
    first = counter.start(device, ALICE)
    second = counter.start(device, BOB)

    assert second.login_id != first.login_id
    assert account_of(counter.sealer, counter.login(device)).phone.e164() == BOB.e164()


def test_tries_made_at_once_are_counted_one_by_one(counter):
    device = counter.device()
    code = counter.start(device).code
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: counter.verify(device, wrong(code)), range(8)))

    assert sorted(tried.left for tried in tries if tried) == [0, 1, 2, 3, 4]
    assert counter.login(device).failures == 5


def test_a_phone_that_asks_twice_at_once_is_sent_one_code(counter):
    device = counter.device()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: counter.start(device), range(4)))

    assert sorted(isinstance(outcome, CodeToSend) for outcome in outcomes) == [False] * 3 + [True]


def test_a_phone_that_does_everything_at_once_is_not_stuck(counter):
    device = counter.device()
    code = counter.start(device).code
    acts = [
        lambda: counter.start(device),
        lambda: counter.resend(device),
        lambda: counter.verify(device, wrong(code)),
    ] * 6
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda act: act(), acts))) == 18


def test_ten_wrong_codes_lock_the_number_for_every_phone(counter):
    counter.fail(counter.device(1), 5)
    counter.now += 2 * MINUTE
    counter.fail(counter.device(2), 5)
    counter.now += 2 * MINUTE

    assert counter.start(counter.device(3)) == Refusal(Reason.LOCKED)
    assert isinstance(counter.start(counter.device(3), BOB), CodeToSend)


def test_a_lock_ends_by_itself(counter):
    counter.fail(counter.device(1), 5)
    counter.now += 2 * MINUTE
    counter.fail(counter.device(2), 5)
    counter.now += dt.timedelta(minutes=90)

    assert isinstance(counter.start(counter.device(3)), CodeToSend)


def test_a_lock_stops_a_code_that_is_already_out(counter):
    waiting = counter.device(3)
    code = counter.start(waiting).code
    for number in (1, 2):
        counter.now += MINUTE
        counter.fail(counter.device(number), 5)

    assert counter.verify(waiting, code) == Try(Verdict.LOCKED)


def test_a_login_that_was_left_alone_is_over(counter):
    device = counter.device()
    counter.start(device)
    counter.now += 30 * MINUTE

    assert counter.resend(device) is Outcome.NOTHING_PENDING
    assert counter.verify(device, "123456") is None


def test_an_abandoned_login_waits_for_no_code(counter):
    device = counter.device()
    code = counter.start(device).code
    with counter.database.writing() as session:
        counter.desk.abandon(session, device)

    assert counter.verify(device, code) is None


def test_neither_number_nor_code_is_stored_readably(database, sealer, now):
    counter = Counter(database, sealer, now)
    code = counter.start(counter.device()).code
    with database.engine.connect() as connection:
        stored = repr(connection.exec_driver_sql("SELECT * FROM logins").all())

    assert "13800138000" not in stored
    assert code not in stored


def test_a_code_to_send_hides_itself(counter):
    assert counter.start(counter.device()).code not in repr(counter.start(counter.device(2), BOB))

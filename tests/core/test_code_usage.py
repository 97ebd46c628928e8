import datetime as dt

import pytest

from core import code_usage
from core.models.code_send import CodeSend, SendState
from core.models.device import Device
from core.models.login import Login, LoginState, LoginWay


@pytest.fixture
def began(any_database, now):
    """Put down logins: so many, of which so many verified, so long ago."""
    with any_database.writing() as session:
        device = Device(
            lookup=bytes(16),
            sealed_mac=b"",
            randomised=True,
            first_seen_at=now,
            last_seen_at=now,
        )
        session.add(device)
        session.flush()
        device_id = device.id

    def began(
        count, verified=0, ago=dt.timedelta(minutes=30), state=SendState.DELIVERED, way=LoginWay.SMS
    ):
        then = now - ago
        with any_database.writing() as session:
            for number in range(count):
                session.add(
                    Login(
                        device_id=device_id,
                        state=LoginState.CODE_SENT,
                        way=way,
                        language="zh",
                        account_lookup=bytes(16),
                        sealed_account=b"",
                        started_at=then,
                        terms_accepted_at=then,
                        verified_at=then if number < verified else None,
                    )
                )
                session.add(
                    CodeSend(
                        account_lookup=bytes(16), device_id=device_id, sent_at=then, state=state
                    )
                )

    return began


@pytest.fixture
def measured(any_database, now):
    def measured():
        with any_database.reading() as session:
            return code_usage.measure(session, now)

    return measured


def test_logins_that_are_still_being_typed_and_old_ones_do_not_count(began, measured):
    began(3, ago=dt.timedelta(minutes=5))
    began(5, verified=4)
    began(7, ago=dt.timedelta(minutes=80))

    assert measured() == code_usage.CodeUsage(begun=5, verified=4, lost=0)


def test_lost_messages_are_counted(began, measured):
    began(2, state=SendState.LOST)

    assert measured().lost == 2


@pytest.mark.parametrize(
    ("begun", "verified", "low"),
    [(100, 29, True), (100, 30, False), (19, 0, False), (20, 0, True), (0, 0, False)],
)
def test_few_of_many_raise_the_alarm(begun, verified, low):
    assert code_usage.CodeUsage(begun, verified, lost=0).is_low(30) is low


def test_other_ways_than_text_messages_say_nothing_of_pumping(began, measured):
    began(25, verified=20)
    for way in (LoginWay.EMAIL, LoginWay.WECHAT, LoginWay.SPONSOR):
        began(25, way=way)

    assert (measured().begun, measured().verified) == (25, 20)

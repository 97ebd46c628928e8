import datetime as dt

import pytest

from appliance.code_watch import CodeWatch
from core.models.device import Device
from core.models.login import Login, LoginState, LoginWay
from portal.sms.carriers import Carriers


@pytest.fixture
def look(database, sealer, settings, now):
    watch = CodeWatch()
    some = Carriers({}, {})
    return lambda at=now, carriers=some: watch.look(database, sealer, settings, carriers, at)


@pytest.fixture
def pumped(database, now):
    """Thirty logins of which none was finished."""
    then = now - dt.timedelta(minutes=20)
    with database.writing() as session:
        device = Device(
            lookup=bytes(16), sealed_mac=b"", randomised=True, first_seen_at=then, last_seen_at=then
        )
        session.add(device)
        session.flush()
        for _ in range(30):
            session.add(
                Login(
                    device_id=device.id,
                    state=LoginState.CODE_SENT,
                    way=LoginWay.SMS,
                    language="zh",
                    account_lookup=bytes(16),
                    sealed_account=b"",
                    started_at=then,
                    terms_accepted_at=then,
                )
            )


def test_hardly_used_codes_raise_the_alarm_once(look, pumped, caplog):
    look()
    look()

    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.values == {"begun": 30, "verified": 0, "lost": 0}


def test_it_is_raised_anew_after_a_quiet_time(look, pumped, caplog, now):
    look()
    look(now + dt.timedelta(hours=3))
    look()

    assert len(caplog.records) == 2


def test_a_store_without_carriers_has_nothing_to_watch(look, pumped, caplog):
    look(carriers=None)

    assert caplog.records == []

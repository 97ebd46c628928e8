"""What a session may, how it is made longer, and how the shopper hears that it is over."""

import dataclasses
import datetime as dt

import pytest

from core import revocation
from core.models.grant import EndCause, Grant
from core.setting_groups.plans import PlanSettings, PlansSettings
from gate.client import Limits
from portal.access import restoration
from portal.access.admission import OVERRUN_BYTES
from portal.application import create_app
from portal.clones import challenges
from tests.portal.conftest import OTHER_NUMBER, Phone

MB = 1_000_000
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def phone_under(parts, join_with):
    """A phone in a store with these plans: `phone_under(guest={"quota_mb": 5})`."""

    def join(guest=None, member=None):
        plans = PlansSettings(
            guest=PlanSettings(**guest or {}), member=PlanSettings(**member or {})
        )
        return join_with(settings=parts.settings.model_copy(update={"plans": plans}))

    return join


@pytest.fixture
def use(database, rows):
    """The phone's newest session has sent and received so much, as jobs counts it."""

    def count(up, down=0):
        newest = rows(Grant)[-1].id
        with database.writing() as session:
            grant = session.get(Grant, newest)
            grant.bytes_up, grant.bytes_down = up, down

    return count


@pytest.fixture
def end(database, sealer, gate, clock):
    """As jobs does."""
    return lambda phone, cause: revocation.revoke(
        database, sealer, gate, phone.mac, cause=cause, now=clock.now
    )


@pytest.fixture
def restore(database, sealer, gate, clock):
    return lambda: restoration.restore(database, sealer, gate, clock.now)


GUEST = {"session_length_s": 3600, "quota_mb": 50, "down_kbit_s": 2000, "up_kbit_s": 500}
MEMBER = {"session_length_s": 7200, "extensions": 5, "idle_timeout_s": 0, "down_kbit_s": 9000}


def test_a_guest_gets_the_guests_plan(phone_under, gate, rows):
    phone = phone_under(GUEST, MEMBER)
    phone.go_online()
    (grant,) = rows(Grant)

    assert gate.inside == {phone.mac.text(): 3600}
    assert gate.limits == {phone.mac.text(): Limits(2000, 500, 50 * MB + OVERRUN_BYTES)}
    assert (grant.extensions_left, grant.extension_s, grant.idle_timeout_s) == (2, 3600, 7200)


def test_a_member_gets_the_members_plan_at_once_and_later(phone_under, gate, clock):
    phone = phone_under(GUEST, MEMBER)
    phone.go_online(membership="yes")
    assert gate.inside == {phone.mac.text(): 7200}

    clock.pass_by(hours=3)
    phone.go_online()
    assert gate.calls[-1] == ("admit", phone.mac.text(), 7200)
    assert gate.limits[phone.mac.text()] == Limits(down_kbit_s=9000)


def test_other_settings_change_no_running_session(phone_under, gate, clock, restore):
    phone_under(GUEST).go_online()
    clock.pass_by(minutes=10)
    phone = phone_under({"session_length_s": 60})
    gate.inside.clear()

    assert restore() == 1
    assert gate.inside == {phone.mac.text(): 3000}
    assert gate.limits == {phone.mac.text(): Limits(2000, 500, 50 * MB + OVERRUN_BYTES)}
    assert phone.api()["seconds-remaining"] == 3000


def test_the_page_says_what_is_left(phone_under, clock, use):
    phone = phone_under({"quota_mb": 1500})
    phone.go_online()
    clock.pass_by(minutes=50, seconds=1)
    use(100 * MB, 150 * MB + 1)

    assert "还剩 3 小时 9 分钟" in phone.get("/online").text
    assert "还剩 1.2 GB 流量" in phone.get("/online").text
    assert "3 h 9 min left" in phone.get("/online?lang=en").text
    assert phone.api()["bytes-remaining"] == 1250 * MB - 1


def test_without_a_quota_nothing_is_said_of_data(phone):
    phone.go_online()

    assert "流量" not in phone.get("/online").text
    assert "bytes-remaining" not in phone.api()


def test_in_its_second_half_a_session_can_be_made_longer(phone, gate, clock, rows):
    phone.go_online()
    until = rows(Grant)[0].expires_at
    clock.pass_by(hours=1, minutes=59)
    assert 'id="extend"' not in phone.get("/online").text
    assert phone.api()["can-extend-session"] is False

    clock.pass_by(minutes=2)
    assert 'id="extend"' in phone.get("/online").text
    assert phone.api()["can-extend-session"] is True

    answer = phone.post("/extend")
    assert (answer.status_code, answer.location) == (303, "/online")
    assert rows(Grant)[0].expires_at == until + 4 * HOUR
    assert gate.calls[-1] == ("admit", phone.mac.text(), (5 * 60 + 59) * 60)
    assert 'id="extend"' not in phone.get("/online").text
    assert phone.api()["can-extend-session"] is False


def test_a_session_is_never_longer_than_its_extensions_make_it(phone, clock, rows):
    phone.go_online()
    began = clock.now
    while phone.api()["captive"] is False:
        phone.post("/extend")
        clock.pass_by(minutes=30)

    assert rows(Grant)[0].expires_at == clock.now == began + 3 * 4 * HOUR
    assert rows(Grant)[0].extensions_left == 0


def test_tapping_twice_extends_once(phone, clock, rows):
    phone.go_online()
    clock.pass_by(hours=3)

    assert [phone.post("/extend").location for _ in range(2)] == ["/online"] * 2
    assert rows(Grant)[0].extensions_left == 1


def test_a_session_that_is_put_on_hold_meanwhile_is_not_made_longer(parts, phone, clock, rows):
    phone.go_online()
    clock.pass_by(hours=3)
    [grant] = rows(Grant)
    challenges.challenge(parts.database, parts.sealer, parts.gate, phone.mac, most=3, now=clock.now)

    assert parts.admission.extend(phone.mac, grant.id, clock.now) is False
    assert rows(Grant)[0].expires_at == grant.expires_at
    assert rows(Grant)[0].extensions_left == grant.extensions_left


def test_an_extension_keeps_the_language_that_was_picked(phone, clock):
    phone.go_online()
    clock.pass_by(hours=3)

    assert 'name="lang" value="en"' in phone.get("/online?lang=en").text
    assert phone.post("/extend", lang="en").location == "/online?lang=en"


def test_who_is_not_online_extends_nothing_and_is_led_on(phone, gate, clock, rows):
    def places():
        return {phone.get("/extend").location, phone.post("/extend").location}

    assert places() == {"/"}
    phone.ask_code()
    assert places() == {"/code"}
    phone.enter_code()
    assert places() == {"/consent"}
    phone.post("/consent")
    assert places() == {"/online"}
    gate.inside.clear()
    clock.pass_by(hours=3)
    assert places() == {"/connect"}
    assert rows(Grant)[0].extensions_left == 2


def test_an_extension_that_the_gate_does_not_hear_of_is_told_to_it_later(
    phone, gate, clock, restore
):
    phone.go_online()
    clock.pass_by(hours=3)
    gate.inside[phone.mac.text()] = 3600
    gate.down = True
    assert phone.post("/extend").location == "/online"
    assert phone.api()["seconds-remaining"] == 5 * 3600

    gate.down = False
    assert restore() == 1
    assert gate.inside == {phone.mac.text(): 5 * 3600}
    assert restore() == 0


def test_after_a_reboot_there_is_as_much_data_as_was_left(phone_under, gate, use, restore):
    phone = phone_under({"quota_mb": 50})
    phone.go_online()
    use(10 * MB, 5 * MB)
    gate.inside.clear()

    assert restore() == 1
    assert gate.limits[phone.mac.text()] == Limits(bytes=35 * MB + OVERRUN_BYTES)


def test_a_phone_whose_data_are_used_up_is_not_let_in_again(phone_under, gate, use, rows):
    phone = phone_under({"quota_mb": 50})
    phone.go_online()
    use(50 * MB)
    gate.inside.clear()

    assert phone.post("/connect").location == "/online"
    assert gate.inside == {}
    assert rows(Grant)[0].end_cause is EndCause.QUOTA


def test_data_are_for_a_day(phone_under, gate, use, end, clock):
    phone = phone_under({"quota_mb": 50}, {"quota_mb": 50})
    phone.go_online()
    use(30 * MB)
    phone.post("/logout")
    clock.pass_by(minutes=2)
    phone.go_online()
    assert gate.limits[phone.mac.text()] == Limits(bytes=20 * MB + OVERRUN_BYTES)

    use(20 * MB)
    end(phone, EndCause.QUOTA)
    page = phone.get("/").text
    assert "今天的流量用完了" in page
    assert 'id="phone"' not in page
    sent = len(phone.carrier.sent)
    assert phone.ask_code().status_code == phone.ask_code(OTHER_NUMBER).status_code == 429
    assert len(phone.carrier.sent) == sent

    clock.pass_by(days=1)
    assert 'id="phone"' in phone.get("/").text
    phone.go_online()
    assert gate.limits[phone.mac.text()] == Limits(bytes=50 * MB + OVERRUN_BYTES)


def test_another_phone_brings_a_number_no_more_data(parts, phone_under, use, end, clock):
    first = phone_under({"quota_mb": 50}, {"quota_mb": 50})
    first.go_online()
    use(50 * MB)
    end(first, EndCause.QUOTA)
    plans = PlansSettings(guest=PlanSettings(quota_mb=50), member=PlanSettings(quota_mb=50))
    ours = parts.settings.model_copy(update={"plans": plans})
    app = create_app(dataclasses.replace(parts, settings=ours))
    clock.pass_by(minutes=2)
    second = Phone(app, "127.0.0.2", first.carrier)
    second.verify()
    answer = second.post("/consent")

    assert answer.status_code == 429
    assert "今天的流量用完了" in answer.text
    assert second.api()["captive"] is True


def test_a_guest_whose_data_are_used_up_may_become_a_member(phone_under, use, end, clock, gate):
    phone = phone_under({"quota_mb": 50}, {"quota_mb": 80})
    phone.go_online()
    use(50 * MB)
    end(phone, EndCause.QUOTA)
    assert "会员的流量更多" in phone.get("/").text

    clock.pass_by(minutes=2)
    phone.verify()
    assert phone.post("/consent").status_code == 429
    assert phone.post("/consent", membership="yes").location == "/online"
    assert gate.limits[phone.mac.text()] == Limits(bytes=30 * MB + OVERRUN_BYTES)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (EndCause.EXPIRED, "上网时间到了"),
        (EndCause.IDLE, "您有一阵子没用网络"),
        (EndCause.QUOTA, "流量用完了"),
        (EndCause.LOGGED_OUT, None),
        (EndCause.REVOKED, None),
    ],
)
def test_the_first_page_says_why_a_session_is_over(phone, clock, end, cause, said):
    phone.go_online()
    clock.pass_by(hours=1)
    end(phone, cause)
    page = phone.get("/").text

    assert 'id="phone"' in page
    assert ('id="farewell"' in page) == (said is not None)
    assert (said or "") in page
    clock.pass_by(days=1)
    assert 'id="farewell"' not in phone.get("/").text


def test_a_session_that_ran_out_is_told_of_before_jobs_closes_it(phone, clock):
    assert 'id="farewell"' not in phone.get("/").text
    phone.go_online()
    clock.pass_by(hours=4)

    assert "上网时间到了" in phone.get("/").text
    assert 'id="farewell"' not in phone.post("/login", phone="12").text


def test_who_logs_in_again_after_silence_is_online_again(phone, end, clock, gate):
    phone.go_online()
    clock.pass_by(hours=2)
    end(phone, EndCause.IDLE)
    phone.go_online()

    assert list(gate.inside) == [phone.mac.text()]
    assert phone.api()["seconds-remaining"] == 4 * 3600

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.database import Database
from core.mac import Mac
from core.models.every import metadata
from core.models.grant import Grant
from core.models.voucher import VoucherBatch, VoucherUse
from core.sealing import Sealer
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.plans import PlanSettings, PlansSettings
from core.setting_groups.store import StoreSettings
from core.settings import Settings
from portal import devices
from portal.members.consent_wording import Wordings
from portal.promotion.arrival import Arrival
from portal.ways.agreement import Agreement
from portal.ways.vouchers import WRONG_TRIES_PER_HOUR, VoucherDesk, VoucherFault
from tests.conftest import NOON
from tests.portal.other_ways import make_vouchers

STORE = StoreSettings(id="store-7", name="安福路店")


class Desk:
    """Each redemption is one transaction."""

    def __init__(self, database, sealer, texts, plans=None):
        self.database, self.sealer, self.now = database, sealer, NOON
        arrival = Arrival(sealer, STORE, CampaignSettings())
        plans = plans or PlansSettings()
        agreement = Agreement(sealer, Wordings(texts, STORE, 14), STORE, plans, arrival)
        self.desk = VoucherDesk(sealer, plans, agreement)

    def make(self, **values):
        return make_vouchers(self.database, self.sealer, Settings(store=STORE), self.now, **values)

    def redeem(self, code, device=1):
        mac = Mac(b"\x02\0\0\0" + device.to_bytes(2, "big"))
        with self.database.writing() as session:
            found = devices.find_or_make(session, self.sealer, mac, self.now)
            return self.desk.redeem(session, found, code, "zh", self.now)

    def uses(self):
        with self.database.reading() as session:
            return session.query(VoucherUse).count()


@pytest.fixture
def desk(any_database, sealer, texts):
    return Desk(any_database, sealer, texts)


def test_a_voucher_gives_its_own_time_and_speed(desk):
    _, [code] = desk.make(minutes=90, speed=2000)
    grant = desk.redeem(code)

    assert grant.expires_at == NOON + dt.timedelta(minutes=90)
    assert (grant.extensions_left, grant.down_kbit_s, grant.up_kbit_s) == (0, 2000, 2000)
    assert grant.member_id is None


def test_a_voucher_is_no_faster_than_guests_are(any_database, sealer, texts):
    plans = PlansSettings(guest=PlanSettings(down_kbit_s=1000))
    desk = Desk(any_database, sealer, texts, plans)
    _, [code] = desk.make(speed=2000)
    grant = desk.redeem(code)

    assert (grant.down_kbit_s, grant.up_kbit_s) == (1000, 2000)


def test_one_use_is_one_device(desk):
    _, [code] = desk.make()
    desk.redeem(code, device=1)

    assert desk.redeem(code, device=2) is VoucherFault.USED_UP


def test_the_same_device_comes_back_within_its_time_and_not_for_longer(desk):
    _, [code] = desk.make(minutes=120)
    desk.redeem(code)
    desk.now += dt.timedelta(minutes=100)

    assert desk.redeem(code).expires_at == NOON + dt.timedelta(minutes=120)
    assert desk.uses() == 1
    desk.now += dt.timedelta(minutes=20)
    assert desk.redeem(code) is VoucherFault.USED_UP


def test_after_the_last_day_no_use_begins_and_a_running_one_goes_on(desk):
    _, [code] = desk.make(days=1, minutes=4000, uses=2)
    desk.redeem(code, device=1)
    # Until Sunday's midnight in Shanghai.
    desk.now = dt.datetime(2026, 5, 17, 16, 0, tzinfo=dt.UTC)

    assert desk.redeem(code, device=2) is VoucherFault.OVER
    assert isinstance(desk.redeem(code, device=1), Grant)


def test_a_revoked_voucher_is_over_also_for_who_uses_it(desk):
    number, [code] = desk.make(uses=5)
    desk.redeem(code, device=1)
    with desk.database.writing() as session:
        session.get(VoucherBatch, number).revoked_at = desk.now

    assert [desk.redeem(code, device=each) for each in (1, 2)] == [VoucherFault.OVER] * 2


def test_who_guesses_is_stopped_for_an_hour_and_others_are_not(desk):
    _, [code] = desk.make(uses=9)
    wrong = "00000000"
    tried = [desk.redeem(wrong) for _ in range(WRONG_TRIES_PER_HOUR)]

    assert set(tried) == {VoucherFault.UNKNOWN}
    assert desk.redeem(wrong) is VoucherFault.TOO_MANY
    assert desk.redeem(code) is VoucherFault.TOO_MANY
    assert isinstance(desk.redeem(code, device=2), Grant)
    desk.now += dt.timedelta(hours=1)
    assert isinstance(desk.redeem(code), Grant)


def test_a_multi_use_voucher_shares_neither_data_nor_terms(any_database, sealer, texts):
    plans = PlansSettings(guest=PlanSettings(quota_mb=100))
    desk = Desk(any_database, sealer, texts, plans)
    _, [code] = desk.make(uses=2)
    first = desk.redeem(code, device=1)
    with desk.database.writing() as session:
        session.get(Grant, first.id).bytes_down = 100_000_000

    assert desk.redeem(code, device=2).quota_bytes == 100_000_000


def test_a_rush_uses_a_voucher_exactly_as_often_as_it_may_be(desk):
    _, [code] = desk.make(uses=3)
    together = threading.Barrier(8)

    def rush(device):
        together.wait(timeout=30)
        return desk.redeem(code, device=device)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(rush, range(1, 9)))

    assert sum(isinstance(outcome, Grant) for outcome in outcomes) == 3
    assert outcomes.count(VoucherFault.USED_UP) == 5
    assert desk.uses() == 3


@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    uses=st.integers(1, 3),
    arrivals=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 90)), max_size=12),
)
def test_never_more_sessions_begin_than_uses_are_allowed(texts, uses, arrivals):
    database = Database("sqlite://")
    metadata.create_all(database.engine)
    desk = Desk(database, Sealer(bytes(32)), texts)
    _, [code] = desk.make(uses=uses, minutes=60)
    ends = {}
    for device, minutes in arrivals:
        desk.now += dt.timedelta(minutes=minutes)
        outcome = desk.redeem(code, device)
        if isinstance(outcome, Grant):
            ends.setdefault((device, outcome.expires_at), None)

    assert len(ends) == desk.uses() <= uses
    database.dispose()

import concurrent.futures
import datetime as dt

import pytest
import ulid

from core.models.campaign import Audience, Campaign, CouponKind, Spot
from core.models.coupon import Coupon
from core.models.member import Member
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.store import StoreSettings
from portal.promotion.arrival import Arrival

DAY = dt.timedelta(days=1)


@pytest.fixture
def members(any_database, now):
    with any_database.writing() as session:
        some = [Member(public_id=str(ulid.ULID()), language="zh", enrolled_at=now) for _ in "12345"]
        session.add_all(some)
        session.flush()
        return [member.id for member in some]


@pytest.fixture
def campaign(any_database, now):
    def make(**others):
        usual = {
            "name": "n",
            "spot": Spot.ONLINE,
            "audience": Audience.MEMBERS,
            "heading": "h",
            "starts_at": now - DAY,
            "ends_at": now + DAY,
            "coupon": CouponKind.MADE,
            "coupon_pattern": "######",
            "coupon_days": 3,
            "created_at": now,
        }
        with any_database.writing() as session:
            made = Campaign(**(usual | others))
            session.add(made)
            session.flush()
            return made.id

    return make


@pytest.fixture
def arrive(any_database, sealer, now):
    arrival = Arrival(sealer, StoreSettings(), CampaignSettings())

    def come(member):
        with any_database.writing() as session:
            arrival.settle(session, 1, member, "zh", now)

    return come


def coupons(database):
    with database.reading() as session:
        rows = session.query(Coupon).filter(Coupon.member_id.is_not(None))
        return sorted((row.member_id, row.campaign_id) for row in rows)


def test_logins_at_once_bring_a_member_one_coupon(any_database, members, campaign, arrive):
    number = campaign()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(arrive, [members[0]] * 8))

    assert coupons(any_database) == [(members[0], number)]


def test_a_code_of_the_chain_goes_to_one_member(any_database, members, campaign, arrive):
    number = campaign(coupon=CouponKind.GIVEN)
    with any_database.writing() as session:
        session.add_all(Coupon(campaign_id=number, code=f"C{each}") for each in range(3))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(arrive, members))

    given = coupons(any_database)
    assert len(given) == 3
    assert len({member for member, _ in given}) == 3


def test_each_campaign_brings_its_own(any_database, members, campaign, arrive, now):
    first, second = campaign(), campaign()
    campaign(ends_at=now)
    campaign(audience=Audience.LOST)
    arrive(members[0])
    arrive(members[0])

    assert coupons(any_database) == [(members[0], first), (members[0], second)]


def test_a_pattern_that_is_used_up_brings_none_and_ends(any_database, members, campaign, arrive):
    campaign(coupon_pattern="SAME")
    for member in members[:2]:
        arrive(member)

    assert len(coupons(any_database)) == 1

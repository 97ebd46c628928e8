"""Of some things a member has one at most: what happens when two members turn out to be one."""

import datetime as dt

import pytest

from core.models.attribution import MemberSource, Source, SourceKind
from core.models.campaign import Audience, Campaign, CouponKind, Spot
from core.models.coupon import Coupon
from core.models.device import Device
from core.models.identity import IdentityKind
from core.models.member import Member
from core.models.member_group import GroupMember, MemberGroup
from core.models.survey import Survey, SurveyTurn
from portal.members import membership
from portal.members.membership import Proof

PHONE, UNIONID = IdentityKind.PHONE, IdentityKind.UNIONID


class Pair:
    """An older member known by WeChat and a younger one known by number; with two of all."""

    def __init__(self, database, sealer, now):
        self.database, self.sealer, self.now = database, sealer, now
        self.old = self.claim({UNIONID: "u1"})
        self.young = self.claim({PHONE: "+8613800138000"})
        with database.writing() as session:
            for number in (1, 2):
                session.add_all(
                    [
                        Source(
                            id=number,
                            kind=SourceKind.GUIDE,
                            name="n",
                            code=f"c{number}",
                            created_at=now,
                        ),
                        MemberGroup(id=number, name=f"g{number}", created_at=now),
                        Survey(id=number, question="?", created_at=now),
                        Campaign(
                            id=number,
                            name="n",
                            spot=Spot.ONLINE,
                            audience=Audience.MEMBERS,
                            heading="h",
                            starts_at=now,
                            ends_at=now,
                            coupon=CouponKind.MADE,
                            created_at=now,
                        ),
                        Device(
                            id=number,
                            lookup=bytes([number]) * 16,
                            sealed_mac=b"",
                            randomised=True,
                            first_seen_at=now,
                            last_seen_at=now,
                        ),
                    ]
                )

    def claim(self, keys):
        self.now += dt.timedelta(hours=1)
        with self.database.writing() as session:
            return membership.claim(
                session,
                self.sealer,
                Proof(keys, self.now),
                language="zh",
                enrols=True,
                now=self.now,
            ).member.id

    def add(self, *found):
        with self.database.writing() as session:
            session.add_all(found)

    def merge(self):
        assert self.claim({UNIONID: "u1", PHONE: "+8613800138000"}) == self.old

    def rows(self, model, *names):
        with self.database.reading() as session:
            assert session.query(Member).count() == 1
            return sorted(
                tuple(getattr(row, each) for each in names) for row in session.query(model)
            )

    def source(self, member, number):
        moments = dict.fromkeys(("since", "entered_at", "protected_until", "until"), self.now)
        return MemberSource(member_id=member, source_id=number, **moments)

    def coupon(self, member, campaign, code, used_at=None):
        return Coupon(
            campaign_id=campaign,
            member_id=member,
            code=code,
            issued_at=self.now,
            expires_at=self.now,
            used_at=used_at,
        )


@pytest.fixture
def pair(any_database, sealer, now):
    return Pair(any_database, sealer, now)


def test_what_only_one_has_goes_along(pair):
    pair.add(
        pair.source(pair.young, 2),
        pair.coupon(pair.young, 1, "A"),
        pair.coupon(pair.old, 2, "B"),
        GroupMember(group_id=1, member_id=pair.young),
        SurveyTurn(survey_id=1, device_id=1, member_id=pair.young),
    )
    pair.merge()

    assert pair.rows(MemberSource, "member_id", "source_id") == [(pair.old, 2)]
    assert pair.rows(Coupon, "code", "member_id") == [("A", pair.old), ("B", pair.old)]
    assert pair.rows(GroupMember, "group_id", "member_id") == [(1, pair.old)]
    assert pair.rows(SurveyTurn, "survey_id", "member_id") == [(1, pair.old)]


def test_of_two_the_older_members_stays(pair):
    pair.add(
        pair.source(pair.young, 2),
        pair.source(pair.old, 1),
        pair.coupon(pair.young, 1, "A"),
        pair.coupon(pair.old, 1, "B"),
        GroupMember(group_id=1, member_id=pair.young),
        GroupMember(group_id=1, member_id=pair.old),
        SurveyTurn(survey_id=1, device_id=1, member_id=pair.young),
        SurveyTurn(survey_id=1, device_id=2, member_id=pair.old),
        # Of nobody yet: they stay out of it.
        Coupon(campaign_id=1, code="C"),
        Coupon(campaign_id=1, code="D"),
    )
    pair.merge()

    assert pair.rows(MemberSource, "member_id", "source_id") == [(pair.old, 1)]
    found = [("B", pair.old), ("C", None), ("D", None)]
    assert pair.rows(Coupon, "code", "member_id") == found
    assert pair.rows(GroupMember, "group_id", "member_id") == [(1, pair.old)]
    assert pair.rows(SurveyTurn, "survey_id", "member_id") == [(1, pair.old)]


@pytest.mark.parametrize(
    ("young_used", "old_used", "stays"),
    [
        pytest.param(True, False, "YOUNG", id="the younger's was used"),
        pytest.param(False, True, "OLD", id="the older's was used"),
        pytest.param(True, True, "OLD", id="both were"),
    ],
)
def test_a_coupon_that_was_used_stays_used(pair, young_used, old_used, stays):
    pair.add(
        pair.coupon(pair.young, 1, "YOUNG", pair.now if young_used else None),
        pair.coupon(pair.old, 1, "OLD", pair.now if old_used else None),
    )
    pair.merge()

    assert pair.rows(Coupon, "code", "member_id") == [(stays, pair.old)]

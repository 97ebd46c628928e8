"""That the CRM was told of somebody's will can be shown when the outbox has forgotten it."""

import datetime as dt

import pytest
import sqlalchemy as sa
import ulid

from core.models.consent import Purpose
from core.models.crm_proof import CrmProof, ToldOf
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from crm import proofs
from crm.shape import Answer, Outcome, Refusal, TemporaryCrmError
from tests.crm.desk import CANARY, ScriptedCrm

ALICE, BOB = str(ulid.ULID()), str(ulid.ULID())
MARKETING = {"purpose": "marketing", "phone": CANARY}
HOUR = dt.timedelta(hours=1)


def kept(desk):
    with desk.database.reading() as session:
        rows = session.scalars(sa.select(CrmProof).order_by(CrmProof.id))
        return [(row.member, row.told_of, row.purpose) for row in rows]


def test_what_the_crm_has_taken_of_somebody_s_will_is_kept(any_desk, now):
    given, withdrawn, erased = (
        EventType.CONSENT_GIVEN,
        EventType.CONSENT_WITHDRAWN,
        EventType.MEMBER_ERASED,
    )
    any_desk.add(ALICE, now=now, kind=given, data=MARKETING)
    any_desk.add(ALICE, now=now, kind=withdrawn, data=MARKETING)
    any_desk.add(BOB, now=now, kind=erased)
    any_desk.add(BOB, now=now, kind=EventType.COUPON_USED)
    any_desk.deliver(ScriptedCrm(), now + HOUR)

    assert sorted(kept(any_desk)[1:]) == sorted(
        [
            (ALICE, ToldOf.GIVEN, Purpose.MARKETING),
            (ALICE, ToldOf.WITHDRAWN, Purpose.MARKETING),
        ]
    )
    assert kept(any_desk)[0] == (BOB, ToldOf.ERASED, None)
    with any_desk.database.reading() as session:
        [row, *_] = proofs.shown(session, ALICE, None, 10)
        assert (row.happened_at, row.confirmed_at) == (now, now + HOUR)
        assert (row.crm, row.has_place) == ("webhook", True)


def test_it_outlives_the_outbox_and_has_nothing_that_was_told(any_desk, now):
    any_desk.add(ALICE, now=now, kind=EventType.CONSENT_WITHDRAWN, data=MARKETING)
    any_desk.deliver(ScriptedCrm(), now)
    with any_desk.database.writing() as session:
        session.execute(sa.delete(OutboxEvent))
        [row] = session.execute(sa.select(CrmProof.__table__)).mappings()

    assert CANARY not in str(dict(row))


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param({ALICE: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}, id="refused"),
        pytest.param({ALICE: None}, id="not-answered"),
        pytest.param(TemporaryCrmError("http_503"), id="down"),
    ],
)
def test_what_it_has_refused_or_not_answered_is_no_proof(any_desk, now, turn):
    any_desk.add(ALICE, now=now, kind=EventType.CONSENT_WITHDRAWN, data=MARKETING)
    any_desk.deliver(ScriptedCrm(turn), now)

    assert kept(any_desk) == []


def test_what_it_has_no_place_for_says_so(any_desk, now):
    crm = ScriptedCrm()
    crm.takes = frozenset({EventType.MEMBER_UPDATED})
    any_desk.add(ALICE, now=now, kind=EventType.CONSENT_WITHDRAWN, data=MARKETING)
    any_desk.deliver(crm, now)

    with any_desk.database.reading() as session:
        [row] = proofs.shown(session, None, None, 10)
        assert (row.purpose, row.has_place) == (Purpose.MARKETING, False)


def test_told_twice_it_is_one(any_desk, now):
    any_desk.add(ALICE, now=now, kind=EventType.CONSENT_WITHDRAWN, data=MARKETING)
    rows = any_desk.rows()
    for later in (now, now + HOUR):
        with any_desk.database.writing() as session:
            proofs.keep(session, any_desk.sealer, rows, "webhook", has_place=True, now=later)

    assert len(kept(any_desk)) == 1


def test_it_is_shown_of_a_member_or_since_a_day_newest_first(any_desk, now):
    for at, who in ((now, ALICE), (now + HOUR, BOB)):
        any_desk.add(who, now=at, kind=EventType.CONSENT_GIVEN, data=MARKETING)
        any_desk.deliver(ScriptedCrm(), at)

    def shown(member=None, since=None, most=10):
        with any_desk.database.reading() as session:
            return [row.member for row in proofs.shown(session, member, since, most)]

    assert shown() == [BOB, ALICE]
    assert shown(member=ALICE) == [ALICE]
    assert shown(since=now + HOUR) == [BOB]
    assert shown(most=1) == [BOB]

import datetime as dt

import pytest
import sqlalchemy as sa
import ulid

from core import outbox, parking
from core.models.member import Member
from core.outbox import EventType
from crm.shape import Answer, Outcome, Refusal
from tests.crm.desk import ScriptedCrm, desk_on

LATER = dt.timedelta(hours=1)
REFUSED = Answer(Outcome.REFUSED, Refusal.BAD_DATA)


@pytest.fixture
def desk(database, sealer, tmp_path):
    return desk_on(database, sealer, tmp_path)


@pytest.fixture
def refused(any_database, sealer, tmp_path, now):
    """Of three members' news the CRM has refused two."""
    any_desk = desk_on(any_database, sealer, tmp_path)
    any_desk.add("A", "B", "C", now=now)
    any_desk.deliver(ScriptedCrm({"A": REFUSED, "B": REFUSED}), now)
    return any_desk


def send_again(desk, at, event_ids=None):
    with desk.database.writing() as session:
        return parking.send_again(session, at, event_ids)


def parked(desk):
    with desk.database.reading() as session:
        return [(each.subject, each.last_error) for each in parking.parked(session, 10)]


def test_what_was_refused_is_listed_with_its_reason(refused):
    assert parked(refused) == [("A", "bad_data"), ("B", "bad_data")]


def test_sent_again_it_arrives_and_is_parked_no_more(refused, now):
    assert send_again(refused, now) == 2
    crm = ScriptedCrm()
    refused.deliver(crm, now)

    assert crm.subjects == ["A", "B"]
    assert parked(refused) == []


def test_one_may_be_chosen(refused, now):
    [first, *_] = refused.rows()
    assert send_again(refused, now, [first.event_id]) == 1

    assert refused.states() == {"A": "waiting", "B": "parked", "C": "sent"}


def test_what_is_not_parked_is_never_sent_again(refused, now):
    sent = [row.event_id for row in refused.rows() if row.subject == "C"]
    assert send_again(refused, now, sent) == 0
    assert refused.states()["C"] == "sent"


def test_it_goes_before_later_news_of_its_subject(refused, now):
    refused.add("A", now=now + LATER)
    send_again(refused, now + LATER)
    crm = ScriptedCrm()
    refused.deliver(crm, now + LATER)

    assert crm.requests == [["A", "B"], ["A"]]


def test_the_standing_counts_what_waits_and_since_when(refused, now):
    refused.add("D", now=now + LATER)
    refused.add("E", now=now + 2 * LATER)
    with refused.database.reading() as session:
        found = outbox.standing(session)

    assert (found.waiting, found.oldest_at, found.parked) == (2, now + LATER, 2)


def test_one_that_is_let_go_of_is_gone_and_no_other(refused):
    first, _, sent = refused.rows()
    with refused.database.writing() as session:
        assert parking.let_go(session, first.event_id)
        assert not parking.let_go(session, first.event_id)
        assert not parking.let_go(session, sent.event_id)

    assert refused.states() == {"B": "parked", "C": "sent"}


@pytest.mark.parametrize("kind", sorted(parking.BINDING))
def test_somebody_s_will_is_not_let_go_of(desk, now, kind):
    [event_id] = desk.add("A", now=now, kind=kind)
    desk.deliver(ScriptedCrm({"A": REFUSED}), now)
    with desk.database.writing() as session:
        assert not parking.let_go(session, event_id)

    assert desk.states() == {"A": "parked"}


@pytest.mark.parametrize(
    ("kind", "version"), [(EventType.COUPON_USED, 8), (EventType.CAMPAIGN_CLICK, 7)]
)
def test_what_can_be_told_anew_is_what_the_crm_is_behind_in(desk, now, kind, version):
    public_id = str(ulid.ULID())
    with desk.database.writing() as session:
        session.add(Member(public_id=public_id, language="zh", enrolled_at=now, version=7))
    [event_id] = desk.add(public_id, now=now, kind=kind)
    desk.deliver(ScriptedCrm({public_id: REFUSED}), now)
    with desk.database.writing() as session:
        assert parking.let_go(session, event_id)

    with desk.database.reading() as session:
        assert session.scalars(sa.select(Member.version)).one() == version

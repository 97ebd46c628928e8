import datetime as dt

import pytest

from core import outbox
from core.events.contract import DATA
from core.outbox import EventType
from crm import rehearsal, samples
from crm.shape import Preview
from tests.crm.connectors import news_of
from tests.crm.desk import CANARY

STORE = "store-1"


class ShownCrm:
    """Shows each batch as one request, and can send nothing."""

    takes = frozenset({EventType.COUPON_USED, EventType.MEMBER_UPDATED})
    at_once = 1

    def preview(self, batch):
        body = [event.data for event in batch]
        return [Preview(tuple(event.id for event in batch), "POST", "https://crm", body)]


@pytest.fixture
def waiting(database, sealer, now):
    """News of A, B, A, C, in this order."""
    with database.writing() as session:
        for number, subject in enumerate("ABAC"):
            outbox.add(
                session,
                sealer,
                EventType.COUPON_USED,
                subject=subject,
                data={"phone": CANARY, "number": number},
                now=now + dt.timedelta(seconds=number),
            )
    return database


def numbers(events):
    return [event.data["number"] for event in events]


def test_shows_the_newest_of_what_waits(waiting, sealer):
    with waiting.reading() as session:
        assert numbers(rehearsal.last(session, sealer, STORE, 3)) == [1, 2, 3]
        assert numbers(rehearsal.of_subject(session, sealer, STORE, "A")) == [0, 2]


def test_of_each_type_one_that_waits_or_one_made_up(waiting, sealer):
    with waiting.reading() as session:
        events = rehearsal.of_each_type(session, sealer, STORE)

    assert numbers(event for event in events if event.subject == "C") == [3]
    about_members = {kind for kind, model in DATA.items() if "member" in model.model_fields}
    assert {EventType(event.type) for event in events} == about_members
    assert len(events) == len(about_members)


def test_one_subjects_news_is_shown_request_by_request_as_it_is_sent(waiting, sealer):
    with waiting.reading() as session:
        events = rehearsal.last(session, sealer, STORE, 4)

    found = rehearsal.rehearse(ShownCrm(), events, shows_personal=False)
    sent = [[data["number"] for data in request.body] for request in found.requests]
    assert sent == [[0, 1, 3], [2]]


def test_personal_values_are_hidden_unless_asked_for(waiting, sealer):
    with waiting.reading() as session:
        events = rehearsal.last(session, sealer, STORE, 1)

    hidden = rehearsal.rehearse(ShownCrm(), events, shows_personal=False)
    shown = rehearsal.rehearse(ShownCrm(), events, shows_personal=True)
    assert hidden.requests[0].body[0]["phone"] == "+86138****8000"
    assert shown.requests[0].body[0]["phone"] == CANARY
    assert CANARY not in repr(shown)


def test_what_a_crm_does_not_take_is_left_out_and_said():
    events = [news_of.updated(news_of.new_id()), news_of.click(news_of.new_id())]

    found = rehearsal.rehearse(ShownCrm(), events, shows_personal=True)
    assert [event.type for event in found.left_out] == ["doorman.campaign.click"]
    assert [request.event_ids for request in found.requests] == [(events[0].id,)]


@pytest.mark.parametrize("kind", EventType)
def test_made_up_events_are_such_as_are_sent(kind):
    event = samples.of_member(kind, STORE)

    if "member" in DATA[kind].model_fields:
        DATA[kind].model_validate_json(event.body)
        assert event.id.startswith(samples.ID_PREFIX)
    else:
        assert event is None

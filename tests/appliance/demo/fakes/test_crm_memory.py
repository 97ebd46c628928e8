"""What the demo's CRM makes of each kind of event; made of the published examples."""

import copy

import pytest

from core.outbox import EventType
from tests.published import EXAMPLES

MEMBER = EXAMPLES[EventType.MEMBER_ENROLLED]["subject"]
OLD = EXAMPLES[EventType.MEMBER_MERGED]["data"]["absorbed"][0]


class Teller:
    """Tells events that are like the examples but for some fields."""

    def __init__(self, outside):
        self.outside, self.number = outside, 0

    def __call__(self, kind, **data):
        self.number += 1
        event = copy.deepcopy(EXAMPLES[kind])
        event["id"] = f"01ARZ3NDEKTSV4RRFFQ69G{self.number:04}"
        event["data"] |= data
        event["subject"] = data.get("member", event["subject"])
        [row] = self.outside.tell(event).get_json()["results"]
        return row["status"]

    def state(self):
        return self.outside.get("/crm/state.json")


@pytest.fixture
def tell(outside):
    return Teller(outside)


@pytest.mark.parametrize("kind", sorted(set(EventType) - {EventType.VISITS_DAY}))
def test_every_kind_is_taken(tell, kind):
    assert tell(kind) == "accepted"


def test_what_is_for_headquarters_alone_is_refused(tell):
    assert tell(EventType.VISITS_DAY) == "refused"


@pytest.mark.parametrize("is_turned", [False, True])
def test_of_a_consent_the_newest_version_stands_in_whichever_order(tell, is_turned):
    news = [
        (EventType.CONSENT_GIVEN, {"version": 3}),
        (EventType.CONSENT_WITHDRAWN, {"version": 5}),
    ]
    for kind, data in reversed(news) if is_turned else news:
        tell(kind, **data)

    [consent] = tell.state()["consents"]
    assert (consent["version"], "withdrawn_at" in consent) == (5, True)


def test_who_is_absorbed_is_gone_and_their_visits_go_along(tell):
    tell(EventType.MEMBER_ENROLLED, member=OLD)
    tell(EventType.CONSENT_GIVEN, member=OLD)
    tell(EventType.VISIT_CLOSED, member=OLD)
    tell(EventType.MEMBER_ENROLLED)
    tell(EventType.MEMBER_MERGED)
    for late in (EventType.MEMBER_UPDATED, EventType.CONSENT_GIVEN):
        tell(late, member=OLD, version=99)

    found = tell.state()
    assert [each["member"] for each in found["members"]] == [MEMBER]
    assert (len(found["visits"]), found["consents"]) == (1, [])


def test_of_who_is_erased_nothing_is_left_and_nothing_comes_back(tell):
    kinds = (EventType.MEMBER_ENROLLED, EventType.CONSENT_GIVEN, EventType.VISIT_CLOSED)
    for kind in kinds:
        tell(kind)
    tell(EventType.MEMBER_ERASED)
    for kind in kinds:
        assert tell(kind, version=99) == "accepted"

    found = tell.state()
    assert found["members"] == found["consents"] == found["visits"] == []


def test_of_two_accounts_of_an_hour_the_later_stands(tell):
    start = "2026-05-16T14:00:00+08:00"
    tell(EventType.TRAFFIC_HOUR, start=start, passers_by=40)
    tell(EventType.TRAFFIC_DAY)
    tell(EventType.TRAFFIC_HOUR, start=start, passers_by=35)

    [fourteen] = [each for each in tell.state()["hours"] if each["start"] == start]
    assert fourteen["passers_by"] == 45, "the day had the last word"


def test_a_sensor_is_as_it_was_told_last(tell):
    tell(EventType.SENSOR_HEALTH, state="gone", updated_at="2026-05-16T07:00:00+00:00")
    tell(EventType.SENSOR_HEALTH, state="hearing", updated_at="2026-05-16T06:00:00+00:00")

    assert [each["state"] for each in tell.state()["sensors"]] == ["gone"]


def test_the_page_shows_them(tell):
    for kind in sorted(set(EventType) - {EventType.VISITS_DAY, EventType.MEMBER_ERASED}):
        tell(kind)

    page = tell.outside.client.get("/crm").text
    words = ("withdrawn 已撤回", "Visit 到店", "28 min", "wlan1 · silent")
    assert [word for word in words if word not in page] == []

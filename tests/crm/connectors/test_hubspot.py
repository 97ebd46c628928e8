import pytest

from core.log import _JsonLines
from core.outbox import EventType
from core.settings import SettingsError
from crm import masking
from crm.connectors import hubspot
from crm.shape import Answer, Outcome, PermanentCrmError, Refusal, TemporaryCrmError
from tests.crm.connectors import contract, hosted, news_of
from tests.fakes.crm import hubspot as fake
from tests.fakes.crm.server import Reply

ALICE, BOB, CAROL = news_of.new_id(), news_of.new_id(), news_of.new_id()
ACCEPTED, DUPLICATE = Answer(Outcome.ACCEPTED), Answer(Outcome.DUPLICATE)
PROPERTIES = {
    "doorman_member": "string",
    "doorman_language": "string",
    "doorman_store": "string",
    "doorman_enrolled_at": "datetime",
    "doorman_version": "number",
    "doorman_membership": "bool",
    "doorman_marketing": "bool",
    "doorman_visit_analytics": "bool",
    "doorman_source_kind": "string",
    "doorman_source_code": "string",
    "doorman_source_name": "string",
    "doorman_source_until": "datetime",
    "doorman_last_visit_store": "string",
    "doorman_last_visit_at": "datetime",
}


class Rig(hosted.Rig):
    module = hubspot
    kind = "hubspot"

    def group(self):
        return {"access_token": fake.TOKEN, "url": self.server.url}

    def members(self):
        return {
            each["doorman_member"]: {
                "phone": each["phone"],
                "marketing": each["doorman_marketing"] == "true",
            }
            for each in self.server.contacts.values()
        }

    def text(self):
        return str(self.server.contacts)


@pytest.fixture
def server():
    with fake.HubSpot(PROPERTIES) as server:
        yield server


@pytest.fixture
def rig(server, memory, sealer, tmp_path):
    rig = Rig(server, memory, sealer, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def crm(rig):
    return rig.connect()


class TestMembers(contract.Members):
    """As of every CRM."""


class TestMergers(contract.Mergers):
    """As of every CRM that has them."""


def contact(server, member=ALICE):
    return server.contacts[server.by("doorman_member", member)]


def test_a_member_becomes_a_contact_with_what_they_agreed_to(server, crm):
    event = news_of.enrolled(ALICE, consents=["membership", "marketing"])

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert contact(server) == {
        "doorman_member": ALICE,
        "phone": "+8613800138000",
        "email": "",
        "doorman_language": "zh",
        "doorman_store": "store-1",
        "doorman_enrolled_at": "2026-05-16T06:30:00Z",
        "doorman_version": "1",
        "doorman_membership": "true",
        "doorman_marketing": "true",
        "doorman_visit_analytics": "false",
        "doorman_last_visit_store": "",
        "doorman_last_visit_at": "",
    }


def test_what_is_told_later_goes_to_the_same_contact(server, crm):
    crm.send([news_of.enrolled(ALICE, consents=["membership", "visit_analytics"])])
    crm.send([news_of.attribution(ALICE, name="小王")])
    crm.send([news_of.visit(ALICE)])

    assert len(server.contacts) == 1
    assert contact(server)["doorman_source_name"] == "小王"
    assert contact(server)["doorman_last_visit_at"] == "2026-05-16T06:55:00Z"


def test_who_withdraws_from_visit_analytics_has_no_last_visit(server, crm):
    crm.send([news_of.visit(ALICE, 1)])
    crm.send([news_of.updated(ALICE, 2)])

    assert contact(server)["doorman_last_visit_at"] == ""


def test_a_hundred_contacts_go_in_one_request(server, crm):
    crm.send([news_of.enrolled(news_of.new_id()) for _ in range(250)])

    sizes = [len(request.json["inputs"]) for request in server.asked("/batch/upsert")]
    assert sizes == [100, 100, 50]


def test_a_withdrawal_counts_even_if_the_rest_is_refused(server, crm):
    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])
    event = news_of.updated(ALICE, email="not an address", consents=["membership"])

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}
    assert contact(server)["doorman_marketing"] == "false"


def test_a_number_of_hubspots_that_has_become_a_strangers_is_not_written_to(server, crm):
    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])
    [number] = server.contacts
    server.contacts[number] = {"email": "stranger@example.com"}
    event = news_of.updated(ALICE, email="not an address", consents=["membership"])

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}
    assert server.contacts[number] == {"email": "stranger@example.com"}


def test_a_merger_that_was_refused_can_be_sent_again(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB)])
    event = news_of.merged(ALICE, 2, BOB)
    server.order(None, fake.error(400, "VALIDATION_ERROR", "Unable to merge"))
    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}
    crm.send([news_of.updated(ALICE, 3)])

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert [each["doorman_member"] for each in server.contacts.values()] == [ALICE]


def test_a_request_refused_as_a_whole_is_for_the_sending_to_halve(server, crm):
    server.order(fake.error(400, "VALIDATION_ERROR", "Invalid input JSON"))

    with pytest.raises(PermanentCrmError, match="http_400"):
        crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB)])


def test_rows_that_hubspot_passes_over_have_no_answer(server, crm):
    server.order(Reply(207, {"results": [], "numErrors": 0, "errors": []}))

    assert crm.send([news_of.enrolled(ALICE)]) == {}


def test_a_row_at_a_limit_of_hubspots_goes_again(server, crm):
    event = news_of.enrolled(ALICE)
    row = {"category": "RATE_LIMITS", "context": {"objectWriteTraceId": [event.id]}}
    server.order(Reply(207, {"results": [], "numErrors": 1, "errors": [row]}))

    assert crm.send([event]) == {}
    assert crm.send([event]) == {event.id: ACCEPTED}


def test_news_of_another_kind_is_news_however_late(server, crm):
    crm.send([news_of.updated(ALICE, 5)])
    late = news_of.attribution(ALICE, 4)

    assert crm.send([late]) == {late.id: ACCEPTED}
    assert contact(server)["doorman_source_code"] == "G7"


def test_a_contact_with_the_same_address_becomes_the_members(server, crm):
    server.contacts["77"] = {"email": "alice@example.com", "lastname": "Known"}

    event = news_of.enrolled(ALICE, email="alice@example.com")

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert contact(server)["lastname"] == "Known"
    assert len(server.contacts) == 1


def test_another_members_contact_stays_theirs(server, crm):
    crm.send([news_of.enrolled(ALICE, email="alice@example.com")])
    event = news_of.enrolled(BOB, email="alice@example.com")

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.OTHER)}
    assert contact(server, ALICE)["email"] == "alice@example.com"


def test_who_is_erased_is_deleted_for_good_and_stays_so(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB), news_of.enrolled(CAROL)])
    tombstone = news_of.erased(ALICE, 9, BOB)

    assert crm.send([tombstone]) == {tombstone.id: ACCEPTED}
    assert [each["doorman_member"] for each in server.contacts.values()] == [CAROL]
    assert len(server.asked("/gdpr-delete")) == 2

    late = news_of.updated(BOB, 99)
    assert crm.send([late, tombstone]) == {late.id: DUPLICATE, tombstone.id: ACCEPTED}
    assert len(server.contacts) == 1


def test_an_erasure_is_not_acknowledged_when_hubspot_could_not_look(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    row = {"category": "INTERNAL_ERROR", "context": {}}
    server.order(Reply(207, {"results": [], "numErrors": 1, "errors": [row]}))

    with pytest.raises(TemporaryCrmError):
        crm.send([news_of.erased(ALICE)])


def test_members_who_are_one_person_become_one_contact(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB), news_of.enrolled(CAROL)])
    event = news_of.merged(ALICE, 2, BOB, CAROL)

    assert crm.send([event]) == {event.id: ACCEPTED}
    crm.send([news_of.updated(ALICE, 3, phone="+8613900139000")])

    assert len(server.contacts) == 1
    assert contact(server)["phone"] == "+8613900139000"
    late = news_of.updated(BOB, 99)
    assert crm.send([late]) == {late.id: DUPLICATE}


def test_who_absorbs_somebody_hubspot_knows_goes_on_as_their_contact(server, crm):
    crm.send([news_of.enrolled(BOB)])
    server.contacts[server.by("doorman_member", BOB)]["note"] = "likes tea"

    crm.send([news_of.merged(ALICE, 2, BOB)])

    assert contact(server, ALICE)["note"] == "likes tea"


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        pytest.param(fake.limited(), 10, id="ten-seconds"),
        pytest.param(fake.limited("DAILY"), 3600, id="the-day"),
        pytest.param(fake.limited(**{"Retry-After": "42"}), 42, id="as-asked"),
        pytest.param(Reply(503, b"<h1>down", {"Retry-After": "7"}), 7, id="down"),
        pytest.param(Reply(500, {}), None, id="broken"),
        pytest.param(Reply(200, b"<html>"), None, id="another-web-site"),
    ],
)
def test_a_limit_or_a_fault_is_waited_for(server, crm, reply, wait_s):
    server.order(reply)

    with pytest.raises(TemporaryCrmError) as caught:
        crm.send([news_of.enrolled(ALICE)])

    assert caught.value.retry_after_s == wait_s


def turned_away(crm, caplog):
    with pytest.raises(TemporaryCrmError):
        crm.send([news_of.enrolled(ALICE, email="alice@example.com")])
    [record] = caplog.records
    line = _JsonLines().format(record)
    assert "alice" not in line
    return line


def test_a_wrong_token_waits_and_names_the_setting(server, crm, caplog):
    server.token = "another"

    assert "crm.hubspot.access_token" in turned_away(crm, caplog)


def test_a_missing_scope_waits_and_names_it(server, crm, caplog):
    server.scopes.clear()

    assert "crm.objects.contacts.read" in turned_away(crm, caplog)


def test_a_missing_property_waits_and_parks_nobody(server, crm, caplog):
    del server.properties["doorman_store"]

    assert "docs/crm.md" in turned_away(crm, caplog)


def test_fields_go_where_the_settings_say(server, rig):
    server.properties["shop"] = "string"
    crm = rig.connect(
        fields=[{"field": "store", "to": "shop"}, {"field": "language", "to": ""}],
    )

    crm.send([news_of.enrolled(ALICE)])

    assert contact(server)["shop"] == "store-1"
    assert "doorman_language" not in contact(server)


def test_dates_are_the_stores_and_times_are_utc(server, rig):
    server.properties["member_since"] = "string"
    rules = [
        {"field": "enrolled_at", "to": "member_since", "type": "date"},
        {"field": "enrolled_at", "to": "doorman_enrolled_at"},
    ]

    late = "2026-05-16T18:00:00+00:00"
    rig.connect(fields=rules).send([news_of.enrolled(ALICE, enrolled_at=late)])

    # Already the next day in Shanghai.
    assert contact(server)["member_since"] == "2026-05-17"
    assert contact(server)["doorman_enrolled_at"] == "2026-05-16T18:00:00Z"


def test_only_what_has_a_place_is_taken(rig):
    own = {EventType.MEMBER_MERGED, EventType.MEMBER_ERASED}
    coupon = [{"field": "coupon.code", "to": "doorman_coupon"}]

    assert EventType.COUPON_ISSUED not in rig.connect().takes
    assert rig.connect(fields=coupon).takes >= own | {EventType.COUPON_ISSUED}


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://hubspot.example"},
        {"fields": [{"field": "phone", "to": "doorman_member"}]},
    ],
    ids=["in-the-clear", "our-own-key"],
)
def test_a_wrong_setting_stops_the_start(rig, changes):
    with pytest.raises(SettingsError, match=r"crm\.hubspot"):
        rig.connect(**changes)


def test_a_preview_shows_the_requests_and_sends_none(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    asked = len(server.requests)
    shown = crm.preview([news_of.updated(BOB), news_of.erased(ALICE)])

    assert len(server.requests) == asked
    assert [
        each.address.removeprefix(server.url + "/crm/v3/objects/contacts") for each in shown
    ] == [
        "/batch/read",
        "/gdpr-delete",
        "/batch/upsert",
    ]
    assert shown[1].body == {"objectId": "1001"}
    [_, masked] = crm.preview([masking.masked(news_of.erased(ALICE))])
    assert masked.body == {"objectId": "****"}

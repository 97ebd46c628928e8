import pytest

from core.log import _JsonLines
from core.settings import SettingsError
from crm.connectors import salesforce
from crm.shape import Answer, Outcome, PermanentCrmError, Refusal, TemporaryCrmError
from tests.crm.connectors import contract, hosted, news_of
from tests.fakes.crm import salesforce as fake
from tests.fakes.crm.server import Reply

ALICE, BOB, CAROL = news_of.new_id(), news_of.new_id(), news_of.new_id()
ACCEPTED, DUPLICATE = Answer(Outcome.ACCEPTED), Answer(Outcome.DUPLICATE)
FIELDS = {
    "Doorman_Member__c": "external_id",
    "Doorman_Merged_Into__c": "external_id",
    "Doorman_Language__c": "text",
    "Doorman_Store__c": "text",
    "Doorman_Enrolled_At__c": "datetime",
    "Doorman_Version__c": "number",
    "Doorman_Membership__c": "checkbox",
    "Doorman_Marketing__c": "checkbox",
    "Doorman_Visit_Analytics__c": "checkbox",
    "Doorman_Source_Kind__c": "text",
    "Doorman_Source_Code__c": "text",
    "Doorman_Source_Name__c": "text",
    "Doorman_Source_Until__c": "datetime",
    "Doorman_Last_Visit_Store__c": "text",
    "Doorman_Last_Visit_At__c": "datetime",
}


class Rig(hosted.Rig):
    module = salesforce
    kind = "salesforce"

    def group(self):
        return {
            "url": self.server.url,
            "client_id": fake.CLIENT_ID,
            "client_secret": fake.CLIENT_SECRET,
        }

    def members(self):
        return {
            each["Doorman_Member__c"]: {
                "phone": each["MobilePhone"],
                "marketing": each["Doorman_Marketing__c"],
            }
            for each in self.server.contacts.values()
            if not each["Doorman_Merged_Into__c"]
        }

    def text(self):
        return str(self.server.contacts)


@pytest.fixture
def server():
    with fake.Salesforce(FIELDS) as server:
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
    return server.contacts[server.by("Doorman_Member__c", member)]


def told(server, member=ALICE):
    return {name: value for name, value in contact(server, member).items() if value is not None}


def test_a_member_becomes_a_contact_with_what_they_agreed_to(server, crm):
    event = news_of.enrolled(ALICE, consents=["membership", "marketing"], email="alice@example.com")

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert told(server) == {
        "LastName": "Wi-Fi member",
        "MobilePhone": "+8613800138000",
        "Email": "alice@example.com",
        "Doorman_Member__c": ALICE,
        "Doorman_Language__c": "zh",
        "Doorman_Store__c": "store-1",
        "Doorman_Enrolled_At__c": "2026-05-16T06:30:00Z",
        "Doorman_Version__c": 1,
        "Doorman_Membership__c": True,
        "Doorman_Marketing__c": True,
        "Doorman_Visit_Analytics__c": False,
    }


def test_a_name_that_somebody_found_out_stays(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    contact(server)["LastName"] = "Wang"

    crm.send([news_of.updated(ALICE, 2)])
    crm.send([news_of.attribution(ALICE, 3)])
    crm.send([news_of.visit(ALICE, 4)])

    assert contact(server)["LastName"] == "Wang"
    assert contact(server)["Doorman_Source_Code__c"] == "G7"
    assert contact(server)["Doorman_Last_Visit_At__c"] == "2026-05-16T06:55:00Z"


def test_two_hundred_contacts_go_in_one_request(server, crm):
    answers = crm.send([news_of.updated(news_of.new_id()) for _ in range(450)])

    sizes = [len(request.json["records"]) for request in server.asked("/Doorman_Member__c")]
    # Each once without a name and, since they are new, once with one.
    assert sizes == [200, 200, 200, 200, 50, 50]
    assert set(answers.values()) == {ACCEPTED}


def test_a_duplicate_by_the_organisations_rules_is_refused_alone(server, crm):
    first, second = news_of.enrolled(ALICE), news_of.enrolled(BOB)
    made = {"id": "003000000000001AAA", "success": True, "errors": [], "created": True}
    server.order(None, Reply(200, [made, fake.failed("DUPLICATES_DETECTED")]))

    assert crm.send([first, second]) == {
        first.id: ACCEPTED,
        second.id: Answer(Outcome.REFUSED, Refusal.OTHER),
    }


def test_a_withdrawal_counts_even_if_the_rest_is_refused(server, crm):
    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])
    event = news_of.updated(ALICE, email="not an address", consents=["membership"])

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}
    assert contact(server)["Doorman_Marketing__c"] is False


def test_of_who_is_there_no_more_no_contact_is_made_of_consents_alone(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    server.contacts.clear()
    event = news_of.updated(ALICE, email="not an address")

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}
    assert server.contacts == {}


def test_a_locked_row_goes_again(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    server.locked.add(server.by("Doorman_Member__c", ALICE))
    event, other = news_of.updated(ALICE, 2, language="en"), news_of.enrolled(BOB)

    assert crm.send([event, other]) == {other.id: ACCEPTED}
    server.locked.clear()
    assert crm.send([event]) == {event.id: ACCEPTED}
    assert contact(server)["Doorman_Language__c"] == "en"


def test_a_session_that_ends_is_begun_anew(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    server.end_session()
    event = news_of.enrolled(BOB)

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert server.sessions == 2


def test_who_is_erased_is_deleted_and_stays_so(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB), news_of.enrolled(CAROL)])
    tombstone = news_of.erased(ALICE, 9, BOB)

    assert crm.send([tombstone]) == {tombstone.id: ACCEPTED}
    assert [each["Doorman_Member__c"] for each in server.contacts.values()] == [CAROL]

    late = news_of.updated(BOB, 99)
    assert crm.send([late, tombstone]) == {late.id: DUPLICATE, tombstone.id: ACCEPTED}
    assert len(server.contacts) == 1


def test_a_contact_that_cannot_be_deleted_is_for_a_person_to_see(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB)])
    server.undeletable.add(server.by("Doorman_Member__c", ALICE))
    kept, gone = news_of.erased(ALICE), news_of.erased(BOB)

    assert crm.send([kept, gone]) == {
        kept.id: Answer(Outcome.REFUSED, Refusal.OTHER),
        gone.id: ACCEPTED,
    }
    # Sent again once it is mended, it is not taken for old.
    server.undeletable.clear()
    assert crm.send([kept]) == {kept.id: ACCEPTED}
    assert server.contacts == {}


def test_who_is_absorbed_stays_as_nobodys_contact_until_the_person_is_erased(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB, consents=["membership", "marketing"])])
    contact(server, BOB)["Notes"] = "likes tea"
    event = news_of.merged(ALICE, 2, BOB)

    assert crm.send([event]) == {event.id: ACCEPTED}
    left = told(server, BOB)
    assert left["Doorman_Merged_Into__c"] == ALICE
    assert left["Notes"] == "likes tea"
    assert "MobilePhone" not in left
    assert left["Doorman_Marketing__c"] is False
    late = news_of.updated(BOB, 99)
    assert crm.send([late]) == {late.id: DUPLICATE}

    crm.send([news_of.erased(ALICE)])
    assert server.contacts == {}


def test_whom_somebody_absorbed_before_goes_along(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB), news_of.enrolled(CAROL)])
    crm.send([news_of.merged(BOB, 2, CAROL)])
    crm.send([news_of.merged(ALICE, 3, BOB)])

    assert contact(server, CAROL)["Doorman_Merged_Into__c"] == ALICE
    crm.send([news_of.erased(ALICE)])
    assert server.contacts == {}


def test_who_absorbs_somebody_salesforce_knows_goes_on_as_their_contact(server, crm):
    crm.send([news_of.enrolled(BOB)])
    contact(server, BOB)["LastName"] = "Wang"

    crm.send([news_of.merged(ALICE, 2, BOB)])

    assert contact(server, ALICE)["LastName"] == "Wang"


@pytest.mark.parametrize(
    ("reply", "error", "wait_s"),
    [
        pytest.param(
            fake.whole(403, "REQUEST_LIMIT_EXCEEDED"), TemporaryCrmError, 900, id="the-day"
        ),
        pytest.param(fake.whole(503, "SERVER_UNAVAILABLE"), TemporaryCrmError, None, id="down"),
        pytest.param(Reply(429, [], {"Retry-After": "30"}), TemporaryCrmError, 30, id="as-asked"),
        pytest.param(Reply(200, b"<html>"), TemporaryCrmError, None, id="another-web-site"),
        pytest.param(Reply(200, []), TemporaryCrmError, None, id="answers-to-nothing"),
        pytest.param(fake.whole(413, "REQUEST_TOO_LARGE"), PermanentCrmError, None, id="too-large"),
    ],
)
def test_a_limit_or_a_fault_is_waited_for(server, crm, reply, error, wait_s):
    server.order(None, reply)

    with pytest.raises(error) as caught:
        crm.send([news_of.enrolled(ALICE)])

    assert getattr(caught.value, "retry_after_s", None) == wait_s


def turned_away(crm, caplog):
    with pytest.raises(TemporaryCrmError):
        crm.send([news_of.enrolled(ALICE, email="alice@example.com")])
    line = _JsonLines().format(caplog.records[-1])
    assert "alice" not in line
    return line


def test_a_wrong_secret_waits_and_names_the_setting(rig, caplog):
    line = turned_away(rig.connect(client_secret="another"), caplog)

    assert "crm.salesforce.client_id" in line


def test_a_user_without_the_api_waits_and_is_asked_for(server, crm, caplog):
    refused = fake.whole(403, "API_DISABLED_FOR_ORG")
    server.order(None, refused)

    assert "needs the API" in turned_away(crm, caplog)


def test_a_missing_field_waits_and_parks_nobody(server, crm, caplog):
    del server.fields["Doorman_Store__c"]

    assert "docs/crm.md" in turned_away(crm, caplog)


def test_a_session_that_is_never_good_waits(server, crm, caplog):
    server.order(None, *[fake.whole(401, "INVALID_SESSION_ID"), None] * 2)

    assert "be let use the API" in turned_away(crm, caplog)
    assert server.sessions == 2


def test_fields_go_where_the_settings_say(server, rig):
    server.fields["Shop__c"] = "text"
    crm = rig.connect(fields=[{"field": "store", "to": "Shop__c"}, {"field": "phone", "to": ""}])

    crm.send([news_of.enrolled(ALICE)])

    assert contact(server)["Shop__c"] == "store-1"
    assert contact(server)["MobilePhone"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://salesforce.example"},
        {"fields": [{"field": "phone", "to": "Doorman_Member__c"}]},
    ],
    ids=["in-the-clear", "our-own-key"],
)
def test_a_wrong_setting_stops_the_start(rig, changes):
    with pytest.raises(SettingsError, match=r"crm\.salesforce"):
        rig.connect(**changes)


def test_a_preview_shows_the_requests_and_sends_none(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    asked = len(server.requests)

    shown = crm.preview([news_of.updated(BOB), news_of.erased(ALICE)])

    assert len(server.requests) == asked
    assert [each.method for each in shown] == ["GET", "DELETE", "PATCH", "PATCH"]
    assert shown[2].body["records"][0]["Doorman_Member__c"] == BOB

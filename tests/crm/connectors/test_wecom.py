import pytest

from core import clock
from core.log import _JsonLines
from core.outbox import EventType
from core.settings import SettingsError
from crm import masking
from crm.shape import Answer, Outcome, Refusal, TemporaryCrmError
from tests.crm.connectors import contract, hosted, news_of
from tests.crm.connectors.wecom_rig import APP, GUIDE, IS_MEMBER, MAY_MARKET, Rig
from tests.fakes.crm import wecom as fake
from tests.fakes.crm.server import BREAK_AFTER, Reply

ALICE, BOB = news_of.new_id(), news_of.new_id()
ACCEPTED, DUPLICATE = Answer(Outcome.ACCEPTED), Answer(Outcome.DUPLICATE)
UNION, OPEN = "oUnionOfAlice", "oOpenOfAlice"
ACCOUNT = {"unionid": UNION, "openids": ["wxother:o1", f"{APP}:{OPEN}"]}


@pytest.fixture
def server():
    with fake.Wecom(clock.now, [GUIDE, "lisi"], [IS_MEMBER, MAY_MARKET]) as server:
        server.phones = {}
        yield server


@pytest.fixture
def rig(server, memory, sealer, tmp_path):
    rig = Rig(server, memory, sealer, tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def crm(rig):
    """As it is, in a world where hardly anybody is a contact."""
    return hosted.Rig.connect(rig)


class TestMembers(contract.Members):
    """As of every CRM, of who is a contact."""

    def test_a_preview_sends_nothing_and_shows_what_send_sends(self, rig):
        """Its first question: the others are by WeCom's answers."""
        event = news_of.enrolled(news_of.new_id())

        [shown] = rig.connect().preview([event])
        assert rig.server.requests == []
        rig.connect().send([event])

        asked = rig.server.requests[1]
        assert (shown.method, shown.address) == (asked.method, rig.server.url + asked.path)
        assert shown.body == asked.json


class TestMergers(contract.Mergers):
    """As of every CRM that has them."""


def alice(version=1, **changes):
    return news_of.updated(ALICE, version, **{**ACCOUNT, **changes})


def tags(server, userid=GUIDE, unionid=UNION):
    return server.contacts[server.people[unionid]["contact"]][userid]


def test_a_contacts_consents_are_tags_with_all_who_have_them(server, crm):
    server.befriend(UNION, OPEN, GUIDE, "lisi")
    event = alice(consents=["membership", "marketing"])

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert tags(server) == tags(server, "lisi") == {IS_MEMBER, MAY_MARKET}


def test_staff_beyond_the_first_page_are_found(server, crm):
    server.page = 2
    staff = [f"guide{number}" for number in range(5)]
    server.befriend(UNION, OPEN, *staff)

    crm.send([alice()])

    assert [tags(server, userid) for userid in staff] == [{IS_MEMBER}] * 5


def test_tags_of_the_staffs_own_stay(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    tags(server).update({"etLikesTea", MAY_MARKET})

    crm.send([alice()])

    assert tags(server) == {"etLikesTea", IS_MEMBER}


def test_what_is_tagged_already_is_not_tagged_again(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice()])
    crm.send([alice(2)])

    assert len(server.asked("/mark_tag")) == 1


@pytest.mark.parametrize(
    ("account", "questions"),
    [
        pytest.param(ACCOUNT, 1, id="no-contact-yet"),
        pytest.param({"unionid": None, "openids": []}, 0, id="no-wechat"),
        pytest.param({"unionid": UNION, "openids": ["wxother:o1"]}, 0, id="another-app"),
        pytest.param({"unionid": None, "openids": [f"{APP}:{OPEN}"]}, 0, id="no-unionid"),
    ],
)
def test_who_is_no_contact_has_no_place_at_wecom(server, crm, account, questions):
    server.has_account(UNION, OPEN)
    event = news_of.enrolled(ALICE, **account)

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert len(server.asked("/unionid_to_external_userid")) == questions
    assert server.contacts == {}


def test_who_becomes_a_contact_is_tagged_with_their_next_news(server, crm):
    server.has_account(UNION, OPEN)
    crm.send([alice()])
    server.befriend(UNION, OPEN, GUIDE)

    crm.send([alice(2)])

    assert tags(server) == {IS_MEMBER}


def test_who_has_left_their_guide_needs_no_tags(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice()])
    server.contacts[server.people[UNION]["contact"]].clear()
    event = news_of.erased(ALICE)

    assert crm.send([alice(2), event])[event.id] == ACCEPTED


@pytest.mark.parametrize("number", [60011, 60111, 84074])
def test_a_guide_who_has_left_the_company_stops_nobodys_tags(server, crm, caplog, number):
    server.befriend(UNION, OPEN, "gone", GUIDE)
    server.left["gone"] = number
    event = alice()

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert (tags(server, "gone"), tags(server)) == (set(), {IS_MEMBER})
    assert "out of sight" in caplog.text


def test_a_withdrawal_counts_even_if_the_rest_is_refused(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice(consents=["membership", "marketing"])])
    event = alice(2, unionid="oNobodys", consents=["membership"])

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.BAD_DATA)}
    assert tags(server) == {IS_MEMBER}


def test_the_contact_of_who_is_erased_loses_our_tags(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    tags(server).add("etLikesTea")
    crm.send([alice(consents=["membership", "marketing"])])

    crm.send([news_of.erased(ALICE)])

    assert tags(server) == {"etLikesTea"}


def test_an_erasure_of_somebody_who_is_not_remembered_is_told_of(crm, caplog):
    crm.send([news_of.enrolled(BOB)])
    crm.send([news_of.erased(BOB)])
    assert caplog.records == []

    crm.send([news_of.erased(ALICE)])
    assert "not remembered" in caplog.text


def test_a_merger_of_one_contact_leaves_it_its_tags(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice()])
    crm.send([news_of.updated(BOB, 1, **ACCOUNT)])

    crm.send([news_of.merged(ALICE, 2, BOB)])

    assert tags(server) == {IS_MEMBER}


def test_a_guide_who_brings_a_member_gets_a_contact_way_once(server, crm, rig, caplog):
    caplog.set_level("INFO", logger="crm")
    events = [news_of.attribution(ALICE), news_of.attribution(BOB)]
    assert crm.send(events) == {event.id: ACCEPTED for event in events}
    rig.connect(forgetful=True).send([news_of.attribution(ALICE, 9)])

    [way] = server.ways.values()
    assert (way["state"], way["user"]) == ("G7", [GUIDE])
    [line] = [_JsonLines().format(each) for each in caplog.records if each.name == "crm"]
    assert "https://wework.qpic.cn/wwpic/config0000/0" in line


def test_another_member_of_staff_behind_a_code_gets_a_way_of_their_own(server, crm, rig):
    crm.send([news_of.attribution(ALICE)])
    moved = hosted.Rig.connect(rig, guides=[{"code": "G7", "userid": "lisi"}])
    moved.send([news_of.attribution(ALICE, 2)])
    moved.send([news_of.attribution(BOB)])

    assert [way["user"] for way in server.ways.values()] == [[GUIDE], ["lisi"]]


def test_a_contact_way_is_found_behind_many_others(server, crm):
    server.page = 2
    for number in range(5):
        server.ways[f"other{number}"] = {"state": f"G{number}", "user": ["lisi"]}
    server.ways["ours"] = {"state": "G7", "user": [GUIDE]}

    crm.send([news_of.attribution(ALICE)])

    assert len(server.ways) == 6


def test_a_contact_way_that_was_made_unheard_is_not_made_twice(server, crm):
    event = news_of.attribution(ALICE)
    server.order(None, None, BREAK_AFTER)
    with pytest.raises(TemporaryCrmError):
        crm.send([event])

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert len(server.ways) == 1


@pytest.mark.parametrize(
    ("kind", "code"), [("guide", "G8"), ("poster", "G7")], ids=["another-guide", "a-poster"]
)
def test_others_get_no_contact_way(server, crm, kind, code):
    source = {"kind": kind, "code": code, "name": "Seven"}
    data = {**news_of.attribution(ALICE).data, "source": source}
    del data["member"], data["store"], data["version"]
    event = news_of.event(EventType.ATTRIBUTION_CHANGED, ALICE, 2, **data)

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert server.ways == {}


@pytest.mark.parametrize("number", [40001, 40014, 42001])
def test_a_token_that_is_not_taken_is_replaced(server, crm, number):
    server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice()])
    server.order(fake.no(number))
    event = alice(2, consents=[])

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert tags(server) == set()


def test_a_token_is_fetched_anew_when_its_time_is_over(server, crm):
    server.lasts_s = 0
    server.order(None, fake.yes(pending_id="p1"))
    server.has_account(UNION, OPEN)
    crm.send([alice()])
    server.lasts_s = fake.TWO_HOURS_S

    crm.send([alice(2)])

    assert server.tokens == 2


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        pytest.param(fake.no(45009), 60, id="calls-a-minute"),
        pytest.param(fake.no(45033), 3, id="calls-at-once"),
        pytest.param(fake.no(-1), None, id="busy"),
        pytest.param(Reply(200, b"<html>"), None, id="another-web-site"),
        pytest.param(Reply(200, {"errcode": "0"}), None, id="another-form"),
    ],
)
def test_a_limit_or_a_fault_is_waited_for(server, crm, reply, wait_s):
    server.befriend(UNION, OPEN, GUIDE)
    server.order(None, None, reply)
    event = alice()

    with pytest.raises(TemporaryCrmError) as caught:
        crm.send([event])

    assert caught.value.retry_after_s == wait_s
    assert crm.send([event]) == {event.id: ACCEPTED}
    assert tags(server) == {IS_MEMBER}


@pytest.mark.parametrize(
    ("changes", "number", "setting"),
    [
        ({"secret": "another"}, None, "crm.wecom.secret"),
        ({"corp_id": "another"}, None, "crm.wecom.corp_id"),
        ({"guides": [{"code": "G7", "userid": "nobody"}]}, None, "crm.wecom.guides"),
        ({}, 60020, "trusted IPs"),
        ({}, 48002, "客户联系"),
    ],
)
def test_what_has_to_be_set_up_is_named(rig, caplog, changes, number, setting):
    rig.server.order(None, fake.no(number) if number else None)

    with pytest.raises(TemporaryCrmError):
        rig.connect(**changes).send([news_of.attribution(ALICE)])

    assert setting in _JsonLines().format(caplog.records[-1])


def test_a_tag_that_wecom_does_not_have_is_named_and_parks_the_row(server, crm, caplog):
    server.befriend(UNION, OPEN, GUIDE)
    server.tags.clear()
    event = alice()

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.OTHER)}
    assert "crm.wecom.fields" in _JsonLines().format(caplog.records[-1])


def test_only_what_has_a_place_is_taken(rig):
    ends = {EventType.MEMBER_MERGED, EventType.MEMBER_ERASED}

    assert rig.connect(fields=[]).takes == ends | {EventType.ATTRIBUTION_CHANGED}
    members = {EventType.MEMBER_ENROLLED, EventType.MEMBER_UPDATED}
    assert rig.connect(guides=[]).takes == ends | members


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://wecom.example"},
        {"fields": [{"field": "phone", "to": "remark"}]},
        {"fields": [{"field": "store", "to": "tag:etStore"}]},
        {"app_id": ""},
        {"fields": [], "guides": []},
    ],
    ids=["in-the-clear", "no-such-field", "no-tag-for-text", "no-app", "nothing-to-do"],
)
def test_a_wrong_setting_stops_the_start(rig, changes):
    with pytest.raises(SettingsError, match=r"crm\.wecom"):
        rig.connect(**changes)


def test_a_preview_shows_the_first_requests_and_sends_none(server, crm):
    server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice()])
    asked = len(server.requests)

    shown = crm.preview([news_of.erased(ALICE), news_of.attribution(BOB)])

    assert len(server.requests) == asked
    assert [each.address.rpartition("/")[2].partition("?")[0] for each in shown] == [
        "get",
        "list_contact_way",
        "add_contact_way",
    ]


@pytest.mark.parametrize("is_hidden", [True, False], ids=["hidden", "shown"])
def test_a_preview_hides_what_wecom_calls_somebody(server, crm, is_hidden):
    contact = server.befriend(UNION, OPEN, GUIDE)
    crm.send([alice()])
    event = news_of.erased(ALICE)

    [shown] = crm.preview([masking.masked(event) if is_hidden else event])

    assert shown.address.endswith("=****0000" if is_hidden else f"={contact}")

import datetime as dt
import time
from typing import ClassVar

import pytest
import sqlalchemy as sa

from core import clock
from core.log import _JsonLines
from core.models.crm_record import CrmRecord
from core.outbox import EventType
from core.settings import SettingsError
from crm import masking
from crm.connectors import youzan
from crm.records import MEMBER, Records
from crm.shape import Answer, Outcome, Refusal, TemporaryCrmError
from tests.crm.connectors import contract, hosted, news_of
from tests.fakes.crm import youzan as fake
from tests.fakes.crm.server import BREAK_AFTER, Reply

ALICE, BOB, CAROL = news_of.new_id(), news_of.new_id(), news_of.new_id()
ACCEPTED, DUPLICATE = Answer(Outcome.ACCEPTED), Answer(Outcome.DUPLICATE)
IS_MEMBER, MAY_MARKET, TO_FORGET = "门店Wi-Fi-会员", "门店Wi-Fi-同意营销", "门店Wi-Fi-请删除"


class Rig(hosted.Rig):
    module = youzan
    kind = "youzan"
    # Of China by its code, and no number there.
    unacceptable: ClassVar = {"phone": "+8612345678"}
    _forgotten: ClassVar = {}

    def group(self):
        return {
            "client_id": fake.CLIENT_ID,
            "client_secret": fake.CLIENT_SECRET,
            "kdt_id": fake.KDT_ID,
            "url": self.server.url,
            "tags_per_second": 1000,
        }

    def connect(self, *, forgetful=False, **changes):
        if forgetful:
            self._forgotten = {**self._forgotten, **self._remembered()}
        return super().connect(forgetful=forgetful, **changes)

    def _remembered(self):
        """Numbers by our ids, of which Youzan knows nothing."""
        with self._memory.reading() as session:
            ours = session.scalars(sa.select(CrmRecord.local_id)).all()
        records = Records(self._memory, self._sealer, self.kind, clock.now)
        return {each: record.remote_id for each, record in records.find(MEMBER, ours).items()}

    def members(self):
        tags = {mobile: each["tags"] for mobile, each in self.server.customers.items()}
        return {
            member: {"phone": f"+86{mobile}", "marketing": MAY_MARKET in tags[mobile]}
            for member, mobile in {**self._forgotten, **self._remembered()}.items()
            if IS_MEMBER in tags.get(mobile, ())
        }

    def text(self):
        """But the number, which is the shop's as well."""
        return str(list(self.server.customers.values()))


@pytest.fixture
def server():
    with fake.Youzan(clock.now, [IS_MEMBER, MAY_MARKET]) as server:
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
    """As of every CRM; a customer whom Youzan cannot delete is shown without tags of ours."""


class TestMergers(contract.Mergers):
    """As of every CRM that has them."""


def tags(server, phone="+8613800138000"):
    return server.customers[phone.removeprefix("+86")]["tags"]


def test_consents_are_tags(server, crm):
    event = news_of.enrolled(ALICE, consents=["membership", "marketing"])

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert tags(server) == {IS_MEMBER, MAY_MARKET}


def test_a_customer_whom_the_shop_has_keeps_what_is_theirs(server, crm):
    server.customers["13800138000"] = {"name": "王", "tags": {"老客", MAY_MARKET}}

    crm.send([news_of.enrolled(ALICE)])

    assert server.customers["13800138000"] == {"name": "王", "tags": {"老客", IS_MEMBER}}


def test_a_new_number_is_another_customer_and_the_old_one_nobodys(server, crm):
    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])
    crm.send([news_of.updated(ALICE, 2, phone="+8613900139000")])

    assert tags(server) == set()
    assert tags(server, "+8613900139000") == {IS_MEMBER}


@pytest.mark.parametrize(
    "say",
    [
        pytest.param(lambda: news_of.updated(ALICE, 2, phone=None), id="gives-it-up"),
        pytest.param(lambda: news_of.updated(ALICE, 2, phone="+8613900139000"), id="has-another"),
        pytest.param(lambda: news_of.erased(ALICE), id="is-erased"),
        pytest.param(lambda: news_of.merged(CAROL, 2, ALICE), id="is-absorbed"),
    ],
)
def test_a_number_that_has_become_anothers_is_left_to_them(server, crm, say):
    crm.send([news_of.enrolled(ALICE)])
    crm.send([news_of.enrolled(BOB, consents=["membership", "marketing"])])

    crm.send([say()])
    assert tags(server) == {IS_MEMBER, MAY_MARKET}

    crm.send([news_of.erased(BOB)])
    assert tags(server) == {TO_FORGET}


def test_a_new_number_is_known_as_soon_as_it_has_tags(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    # Untagged, made, tagged: and the answer never comes.
    server.order(None, None, BREAK_AFTER)
    with pytest.raises(TemporaryCrmError):
        crm.send([news_of.updated(ALICE, 2, phone="+8613900139000")])
    assert tags(server, "+8613900139000") == {IS_MEMBER}

    crm.send([news_of.erased(ALICE)])

    assert tags(server, "+8613900139000") == {TO_FORGET}


@pytest.mark.parametrize("phone", [None, "+85261234567"], ids=["none", "of-another-country"])
def test_who_has_no_number_that_youzan_takes_has_no_place_there(server, crm, phone):
    event = news_of.enrolled(ALICE, phone=phone)

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert server.customers == {}


def test_who_gives_up_their_number_is_nobodys_customer(server, crm):
    crm.send([news_of.enrolled(ALICE)])
    crm.send([news_of.updated(ALICE, 2, phone=None)])

    assert tags(server) == set()


def test_who_is_erased_is_left_for_the_staff_to_delete(server, crm):
    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])

    crm.send([news_of.erased(ALICE)])

    assert tags(server) == {TO_FORGET}


def test_an_erasure_of_somebody_who_is_not_remembered_is_told_of(rig, caplog):
    event = news_of.erased(ALICE)

    assert rig.connect().send([event]) == {event.id: ACCEPTED}
    assert "not remembered" in caplog.text


def test_a_tag_that_the_shop_does_not_have_parks_that_row(server, crm):
    server.customers["13800138000"] = {"tags": set()}
    server.tags.clear()
    event = news_of.enrolled(ALICE)

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.OTHER)}


@pytest.mark.parametrize("end", [fake.gateway(4202), fake.gateway(4203), None], ids=str)
def test_a_token_that_is_not_taken_is_replaced(server, crm, end):
    crm.send([news_of.enrolled(ALICE)])
    if end:
        server.order(end)
    else:
        server.end_token()
    event = news_of.updated(ALICE, 2)

    assert crm.send([event]) == {event.id: ACCEPTED}
    assert server.tokens == 2


def test_a_token_is_fetched_anew_when_its_week_is_over(server, rig):
    crm = rig.connect()
    server.clock = lambda: clock.now() - dt.timedelta(days=7)
    crm.send([news_of.enrolled(ALICE)])
    server.clock = clock.now

    crm.send([news_of.updated(ALICE, 2)])

    assert server.tokens == 2


@pytest.mark.parametrize(
    ("reply", "wait_s"),
    [
        pytest.param(fake.gateway(4101, "请求太频繁"), 3, id="gateway"),
        pytest.param(fake.business(500100004, "请求被限流"), 3, id="service"),
        pytest.param(fake.business(141500203, "api rate limiting"), 3, id="customer"),
        pytest.param(fake.gateway(5001, "系统异常"), None, id="fault"),
        pytest.param(Reply(200, b"<html>"), None, id="another-web-site"),
        pytest.param(Reply(200, {}), None, id="nothing"),
    ],
)
def test_a_limit_or_a_fault_is_waited_for(server, crm, reply, wait_s):
    server.order(None, reply)
    event = news_of.enrolled(ALICE)

    with pytest.raises(TemporaryCrmError) as caught:
        crm.send([event])

    assert caught.value.retry_after_s == wait_s
    assert crm.send([event]) == {event.id: ACCEPTED}


def test_what_was_done_before_a_limit_is_not_done_again(server, crm):
    first, second = news_of.enrolled(ALICE), news_of.enrolled(BOB, phone="+8613900139000")
    server.order(None, None, None, fake.gateway(4101))
    with pytest.raises(TemporaryCrmError):
        crm.send([first, second])
    asked = len(server.requests)

    assert crm.send([first, second]) == {first.id: DUPLICATE, second.id: ACCEPTED}
    assert all("13800138000" not in str(each.body) for each in server.requests[asked:])


@pytest.mark.parametrize(
    ("changes", "reply", "setting"),
    [
        ({"client_secret": "another"}, None, "crm.youzan.client_secret"),
        ({"client_id": "another"}, None, "crm.youzan.client_id"),
        ({"kdt_id": "1"}, None, ".kdt_id"),
        ({}, fake.gateway(4204), "能力包"),
        ({}, fake.gateway(4007), "IP whitelist"),
    ],
)
def test_what_has_to_be_set_up_is_named(rig, caplog, changes, reply, setting):
    rig.server.order(None, reply)

    with pytest.raises(TemporaryCrmError):
        rig.connect(**changes).send([news_of.enrolled(ALICE)])

    assert setting in _JsonLines().format(caplog.records[-1])


def test_tags_are_set_no_faster_than_youzan_wants(server, rig):
    crm, arrivals = rig.connect(tags_per_second=20), []
    take = server.take

    def timed(request):
        if "tag.relation" in request.path:
            arrivals.append(time.monotonic())
        return take(request)

    server.take = timed
    crm.send([news_of.enrolled(news_of.new_id(), phone=news_of.phone()) for _ in range(4)])

    assert arrivals[-1] - arrivals[0] >= 3 * 0.045


def test_fields_go_where_the_settings_say(server, rig):
    rules = [
        {"field": "store", "to": "remark"},
        {"field": "consents.marketing", "to": "tag:可营销"},
    ]
    crm = rig.connect(fields=rules)

    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])
    assert server.customers["13800138000"] == {"remark": "store-1", "tags": {IS_MEMBER, "可营销"}}

    crm.send([news_of.erased(ALICE)])
    assert server.customers["13800138000"] == {"remark": "", "tags": {TO_FORGET}}


def test_a_withdrawal_counts_even_if_the_rest_is_refused(server, rig):
    crm = rig.connect(fields=[{"field": "store", "to": "remark"}])
    crm.send([news_of.enrolled(ALICE, consents=["membership", "marketing"])])
    # The customer is there; the tags are removed; what is told of them is refused.
    server.order(None, None, None, fake.business(141502130))
    event = news_of.updated(ALICE)

    assert crm.send([event]) == {event.id: Answer(Outcome.REFUSED, Refusal.OTHER)}
    assert tags(server) == {IS_MEMBER}


def test_only_what_has_a_place_is_taken(crm):
    assert crm.takes == {
        EventType.MEMBER_ENROLLED,
        EventType.MEMBER_UPDATED,
        EventType.MEMBER_MERGED,
        EventType.MEMBER_ERASED,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://youzan.example"},
        {"fields": [{"field": "phone", "to": "mobile"}]},
        {"fields": [{"field": "store", "to": "tag:store"}]},
        {"fields": [{"field": "consents.marketing", "to": "tag:" + "x" * 33}]},
    ],
    ids=["in-the-clear", "no-such-field", "no-tag-for-text", "long-tag"],
)
def test_a_wrong_setting_stops_the_start(rig, changes):
    with pytest.raises(SettingsError, match=r"crm\.youzan"):
        rig.connect(**changes)


@pytest.mark.parametrize("say", [news_of.updated, news_of.erased])
def test_a_preview_of_what_is_masked_shows_no_number(crm, say):
    crm.send([news_of.enrolled(ALICE)])

    shown = crm.preview([masking.masked(say(ALICE))])

    assert {_account(each.body) for each in shown} == {"138****8000"}


def _account(body):
    return body.get("mobile") or body["account_id"]


def test_a_preview_shows_the_requests_and_sends_none(server, crm):
    crm.send([news_of.enrolled(ALICE), news_of.enrolled(BOB, phone="+8613900139000")])
    asked = len(server.requests)

    batch = [news_of.merged(ALICE, 2, BOB), news_of.erased(CAROL), news_of.updated(ALICE, 3)]
    shown = crm.preview(batch)

    assert len(server.requests) == asked
    assert [each.address.rsplit("/", 2)[1] for each in shown] == [
        "youzan.scrm.tag.relation.delete",
        "youzan.scrm.customer.create",
        "youzan.scrm.tag.relation.add",
        "youzan.scrm.tag.relation.delete",
    ]

"""Whoever opts out at a hosted CRM is heard of, with the time, in whatever number."""

import datetime as dt

import pytest

from core import clock
from core.settings import Settings
from crm.connectors import hubspot_withdrawals, salesforce_withdrawals
from crm.records import Records
from crm.setup import Setup
from crm.shape import TemporaryCrmError
from crm.withdrawals import Withdrawn
from tests.crm.connectors import news_of, test_hubspot, test_salesforce
from tests.fakes.crm import hubspot, salesforce
from tests.fakes.crm.server import Reply

ALICE, BOB, CAROL = sorted(news_of.new_id() for _ in range(3))
AT = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)


class HubspotSide:
    kind, module = "hubspot", hubspot_withdrawals

    def __init__(self):
        self.server = hubspot.HubSpot(test_hubspot.PROPERTIES)

    def group(self):
        return {"access_token": hubspot.TOKEN, "url": self.server.url}

    def add(self, member, *, marketing=True):
        properties = {
            "doorman_member": member,
            "doorman_marketing": "true" if marketing else "false",
        }
        return self.server._put(None, properties)["id"]

    def opt_out(self, id_, at, *, is_out=True):
        self.server.opt_out(id_, at.isoformat().replace("+00:00", "Z"), str(is_out).lower())


class SalesforceSide:
    kind, module = "salesforce", salesforce_withdrawals

    def __init__(self):
        self.server = salesforce.Salesforce(test_salesforce.FIELDS)

    def group(self):
        return {
            "url": self.server.url,
            "client_id": salesforce.CLIENT_ID,
            "client_secret": salesforce.CLIENT_SECRET,
        }

    def add(self, member, *, marketing=True):
        id_ = f"003{len(self.server.contacts):012}AAA"
        told = {"Doorman_Member__c": member, "Doorman_Marketing__c": marketing}
        self.server.contacts[id_] = dict.fromkeys(self.server.fields) | told
        return id_

    def opt_out(self, id_, at, *, is_out=True):
        # As Salesforce writes it.
        self.server.opt_out(id_, at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), is_out)


@pytest.fixture(params=[HubspotSide, SalesforceSide], ids=["hubspot", "salesforce"])
def side(request):
    side = request.param()
    with side.server:
        yield side


@pytest.fixture
def connect(side, memory, sealer, tmp_path):
    made = []

    def connect(**changes):
        records = Records(memory, sealer, side.kind, clock.now)
        group = {**side.group(), **changes}
        settings = Settings(data_dir=tmp_path, crm={"kind": side.kind, side.kind: group})
        made.append(side.module.connect(Setup(settings, records, clock.now)))
        return made[-1]

    yield connect
    for each in made:
        if each:
            each.close()


@pytest.fixture
def feed(connect):
    return connect()


def everything(feed):
    found, after = [], ""
    while not (page := feed.page(after)).is_last:
        found, after = [*found, *page.rows], page.after
    assert page.after == ""
    return [*found, *page.rows]


def test_who_opts_out_is_heard_of_with_the_time(side, feed):
    side.add(BOB)
    side.opt_out(side.add(ALICE), AT)

    assert everything(feed) == [Withdrawn(ALICE, AT)]


def test_the_last_time_counts(side, feed):
    contact = side.add(ALICE)
    side.opt_out(contact, AT)
    side.opt_out(contact, AT + dt.timedelta(days=1), is_out=False)
    side.opt_out(contact, AT + dt.timedelta(days=2))

    assert everything(feed) == [Withdrawn(ALICE, AT + dt.timedelta(days=2))]


def test_who_opts_in_again_has_not_withdrawn(side, feed):
    contact = side.add(ALICE)
    side.opt_out(contact, AT)
    side.opt_out(contact, AT + dt.timedelta(days=1), is_out=False)

    assert everything(feed) == []


def test_of_whom_we_told_that_they_agree_no_longer_nothing_is_told_again(side, feed):
    side.opt_out(side.add(ALICE, marketing=False), AT)

    assert everything(feed) == []


def test_contacts_that_are_no_members_of_ours_are_not_asked_about(side, feed):
    side.opt_out(side.add(""), AT)

    assert everything(feed) == []


def test_however_many_there_are_each_is_told_once(side, feed):
    members = sorted(news_of.new_id() for _ in range(205))
    for member in members:
        side.opt_out(side.add(member), AT)

    assert sorted(row.member for row in everything(feed)) == members


def test_nobody_is_asked_where_nothing_names_an_opt_out(side, connect):
    name = "opt_out_properties" if side.kind == "hubspot" else "opt_out_fields"

    assert connect(**{name: []}) is None


@pytest.mark.parametrize("answer", [{"results": 1, "records": 1}, [], {"results": [{}]}])
def test_what_is_of_no_agreed_form_is_no_answer(side, feed, answer):
    if side.kind == "salesforce":
        feed.page("")
        answer = {"records": [{}]} if answer == {"results": [{}]} else answer
    side.server.order(Reply(200, answer))

    with pytest.raises(TemporaryCrmError):
        feed.page("")


def test_salesforce_without_a_history_does_not_say_when(memory, sealer, tmp_path):
    side = SalesforceSide()
    with side.server:
        records = Records(memory, sealer, side.kind, clock.now)
        settings = Settings(data_dir=tmp_path, crm={"kind": side.kind, side.kind: side.group()})
        feed = salesforce_withdrawals.connect(Setup(settings, records, clock.now))
        side.server.opt_out(side.add(ALICE), None)

        assert everything(feed) == [Withdrawn(ALICE, None)]
        feed.close()

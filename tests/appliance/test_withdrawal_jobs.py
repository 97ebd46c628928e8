"""Who unsubscribes at the CRM is written to by nobody any more, by the jobs' own turns."""

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa

from appliance import crm_choice, job_table
from core import clock
from core.members import member_news
from core.metrics import counted
from core.models.consent import Consent, Purpose, Via
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.settings import Settings
from gate.client import GateClient
from tests.crm.connectors import news_of, test_hubspot
from tests.fakes.crm import hubspot
from tests.fakes.crm.server import Reply

ALICE, BOB = news_of.new_id(), news_of.new_id()
SEND, HEAR = "send news to the CRM", "hear who has opted out of marketing"


@pytest.fixture
def server():
    with hubspot.HubSpot(test_hubspot.PROPERTIES) as server:
        yield server


@pytest.fixture
def parts(server, database, sealer, secrets, tmp_path):
    group = {"access_token": hubspot.TOKEN, "url": server.url}
    settings = Settings(data_dir=tmp_path, crm={"kind": "hubspot", "hubspot": group})
    crm = crm_choice.choose(settings, secrets, database, sealer)
    asked = crm_choice.withdrawals(settings, secrets, database, sealer)
    gate = GateClient(tmp_path / "gate.sock")
    yield job_table.Parts(settings, database, sealer, gate, crm, withdrawals=asked)
    crm.close()
    asked.feed.close()


@pytest.fixture
def run(parts):
    jobs = {job.name: job for job in job_table.table(parts.settings)}
    return lambda name: jobs[name].run(parts)


@pytest.fixture
def enrol(parts):
    def enrol(public_id):
        now = clock.now()
        purposes = [Purpose.MEMBERSHIP, Purpose.MARKETING]
        with parts.database.writing() as session:
            member = Member(public_id=public_id, language="zh", enrolled_at=now, version=1)
            session.add(member)
            session.flush()
            for purpose in purposes:
                session.add(
                    Consent(
                        account_lookup=bytes(16),
                        member_id=member.id,
                        purpose=purpose,
                        wording_version="1",
                        language="zh",
                        given_at=now,
                    )
                )
            member_news.changed(
                session,
                parts.sealer,
                member,
                is_new=True,
                purposes=purposes,
                store_id="store-1",
                now=now,
            )

    return enrol


def opt_out(server, member, ahead=dt.timedelta(minutes=1)):
    at = (clock.now() + ahead).isoformat().replace("+00:00", "Z")
    server.opt_out(server.by("doorman_member", member), at)


def agreed(parts, member):
    with parts.database.reading() as session:
        rows = session.scalars(sa.select(Consent).join(Member).where(Member.public_id == member))
        return {row.purpose: row.withdrawn_via for row in rows}


def waiting(parts):
    wanted = sa.select(OutboxEvent.type).where(OutboxEvent.state == OutboxState.WAITING)
    with parts.database.reading() as session:
        return sorted(session.scalars(wanted))


def test_who_unsubscribes_is_withdrawn_here_and_that_is_told_once(server, parts, run, enrol):
    enrol(ALICE)
    enrol(BOB)
    run(SEND)
    opt_out(server, ALICE)
    run(HEAR)

    assert agreed(parts, ALICE) == {Purpose.MEMBERSHIP: None, Purpose.MARKETING: Via.CRM}
    assert agreed(parts, BOB) == {Purpose.MEMBERSHIP: None, Purpose.MARKETING: None}
    assert waiting(parts) == ["doorman.consent.withdrawn", "doorman.member.updated"]
    run(SEND)
    contact = server.contacts[server.by("doorman_member", ALICE)]
    assert contact["doorman_marketing"] == "false"
    run(HEAR)
    assert waiting(parts) == []


def test_who_agrees_anew_after_that_is_not_withdrawn_again(server, parts, run, enrol):
    enrol(ALICE)
    run(SEND)
    opt_out(server, ALICE, -dt.timedelta(days=1))
    run(HEAR)

    assert agreed(parts, ALICE) == {Purpose.MEMBERSHIP: None, Purpose.MARKETING: None}
    assert waiting(parts) == []


def test_who_is_not_known_here_is_counted_and_nothing_else(server, parts, run, enrol):
    enrol(ALICE)
    run(SEND)
    server._put(None, {"doorman_member": BOB, "doorman_marketing": "true"})
    opt_out(server, BOB)
    count = counted.WITHDRAWALS._metric.labels("unknown")._value
    before = count.get()
    run(HEAR)

    assert waiting(parts) == []
    assert agreed(parts, ALICE)[Purpose.MARKETING] is None
    assert count.get() == before + 1


def test_a_crm_that_does_not_say_is_told_of_once(server, parts, run, caplog):
    for _ in range(2):
        server.order(Reply(503))
        run(HEAR)

    assert [each.getMessage() for each in caplog.records] == [
        "not heard who has opted out at the CRM"
    ]


def test_without_anybody_to_ask_nothing_is_asked(server, parts, run):
    jobs = {job.name: job for job in job_table.table(parts.settings)}
    jobs[HEAR].run(dataclasses.replace(parts, withdrawals=None))

    assert server.requests == []

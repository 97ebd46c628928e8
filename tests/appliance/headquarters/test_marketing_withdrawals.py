"""Who opts out at the chain's CRM is written to by no store of the chain."""

import datetime as dt
import types

import pytest
import sqlalchemy as sa
import ulid

from appliance.crm_choice import Withdrawals
from appliance.hq import job_table
from core.models.consent import Consent, Purpose, Via
from core.models.member import Member
from core.settings import Settings
from crm.records import Records
from crm.withdrawals import Page, Withdrawn
from hq import withdrawal_orders
from hq.models.chain import ChainLink, ChainMember
from hq.models.withdrawal_order import WithdrawalOrder

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def stores(new_store):
    return new_store("store-7"), new_store("store-8")


@pytest.fixture
def person(chain, stores):
    """A member of the chain who is one of both stores."""
    now = chain.clock.now
    public_id = str(ulid.ULID())
    with chain.database.writing() as session:
        member = ChainMember(public_id=public_id, enrolled_at=now, version=1)
        session.add(member)
        session.flush()
        for store in stores:
            link = ChainLink(
                store_id=store.name,
                store_member=enrol(store),
                member_id=member.id,
                version=1,
                enrolled_at=now,
                consents={"marketing": [True, now.isoformat()]},
            )
            session.add(link)
    return public_id


def enrol(store):
    now = store.chain.clock.now
    with store.database.writing() as session:
        member = Member(public_id=str(ulid.ULID()), language="zh", enrolled_at=now, version=1)
        session.add(member)
        session.flush()
        for purpose in Purpose:
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
        return member.public_id


@pytest.fixture
def hear(chain):
    """Headquarters hears this of its CRM."""

    def hear(*rows):
        with chain.database.writing() as session:
            for row in rows:
                withdrawal_orders.order(session, row.member, row.at, chain.clock.now)

    return hear


def ended(store):
    with store.database.reading() as session:
        rows = session.scalars(sa.select(Consent).where(Consent.withdrawn_at.is_not(None)))
        return [(row.purpose, row.withdrawn_via) for row in rows]


def orders(chain):
    with chain.database.reading() as session:
        return list(session.scalars(sa.select(WithdrawalOrder).order_by(WithdrawalOrder.store_id)))


def test_every_store_of_the_person_ends_the_consent(chain, stores, person, hear):
    hear(Withdrawn(person, chain.clock.now + HOUR))
    for store in stores:
        store.speak(hours=2)

    assert [ended(store) for store in stores] == [[(Purpose.MARKETING, Via.CRM)]] * 2
    stores[0].speak()
    assert [row.done_at is None for row in orders(chain)] == [False, False]


def test_heard_again_it_changes_nothing(chain, stores, person, hear):
    row = Withdrawn(person, chain.clock.now)
    hear(row)
    for store in stores:
        store.speak(minutes=1)
    numbers = [each.id for each in orders(chain)]
    hear(row)

    assert [each.id for each in orders(chain)] == numbers
    assert all(each.done_at for each in orders(chain))


def test_who_opts_out_again_later_is_ordered_anew(chain, stores, person, hear):
    hear(Withdrawn(person, chain.clock.now))
    for store in stores:
        store.speak(minutes=1)
    hear(Withdrawn(person, chain.clock.now))

    assert [each.done_at for each in orders(chain)] == [None, None]


def test_without_a_time_only_who_agrees_is_ordered_to(chain, person, hear):
    with chain.database.writing() as session:
        link = session.scalars(sa.select(ChainLink).where(ChainLink.store_id == "store-8")).one()
        link.consents = {"marketing": [False, chain.clock.now.isoformat()]}
    hear(Withdrawn(person, None))

    assert [each.store_id for each in orders(chain)] == ["store-7"]


def test_nobody_is_ordered_for_whom_the_chain_does_not_know(chain, person, hear):
    hear(Withdrawn(str(ulid.ULID()), chain.clock.now))

    assert orders(chain) == []


def test_a_store_settles_its_own_orders_alone(chain, stores, person, hear):
    hear(Withdrawn(person, chain.clock.now))
    numbers = [each.id for each in orders(chain)]
    with chain.database.writing() as session:
        withdrawal_orders.settle(session, "store-7", numbers, chain.clock.now)

    assert [each.done_at is None for each in orders(chain)] == [False, True]


def test_the_jobs_of_headquarters_ask_its_crm(chain, person, tmp_path):
    records = Records(chain.database, chain.sealer, "webhook:1", chain.clock)
    rows = [Withdrawn(person, chain.clock.now), Withdrawn(str(ulid.ULID()), chain.clock.now)]
    feed = types.SimpleNamespace(page=lambda _: Page(rows, "", is_last=True))
    found = Settings(data_dir=tmp_path / "hq")
    asked = Withdrawals(feed, records)
    [job] = [job for job in job_table.table(found) if "opted out" in job.name]
    job.run(job_table.Parts(found, chain.database, chain.sealer, None, asked))

    assert [each.store_id for each in orders(chain)] == ["store-7", "store-8"]

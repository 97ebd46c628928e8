"""What a store that is wrong, or was stolen, cannot do to the others."""

import datetime as dt

import pytest
import sqlalchemy as sa

from hq import retention
from hq.intake import failures, parking
from hq.models.chain import ChainIdentity, ChainLink
from hq.models.erasure_order import ErasureOrder
from hq.models.inbox import InboxBatch, InboxEvent, InboxState, ParkedEvent
from tests.hq.intake.chain import Chain
from tests.hq.intake.news import T0, click, member, member_id
from tests.hq.intake.test_folding import PHONE, WHEN, consent, erased


@pytest.fixture
def chain(hq_sqlite, sealer, now, tmp_path):
    return Chain(hq_sqlite, sealer, now, tmp_path)


def number(last):
    return f"+861380013{last:04}"


def test_an_event_that_cannot_even_be_read_stops_no_other(chain):
    chain.take_in(member(1, phone=PHONE))
    with chain.database.writing() as session:
        session.execute(sa.text("UPDATE inbox SET occurred_at = 'never'"))
    chain.take_in(member(2, store="store-8"))

    chain.folding.run()
    with chain.database.reading() as session:
        states = session.execute(sa.select(InboxEvent.store_id, InboxEvent.state)).all()
    assert set(states) == {("store-7", InboxState.PARKED), ("store-8", InboxState.FOLDED)}
    assert chain.rows(InboxBatch) == []


def test_a_busy_database_is_not_taken_for_an_events_fault(tmp_path):
    held, other = (
        sa.create_engine(f"sqlite:///{tmp_path / 'a.sqlite'}", connect_args={"timeout": 0})
        for _ in range(2)
    )
    with held.connect() as holding, other.connect() as asking:
        with pytest.raises(sa.exc.OperationalError) as unknown:
            asking.execute(sa.text("SELECT nothing"))
        holding.exec_driver_sql("BEGIN EXCLUSIVE")
        with pytest.raises(sa.exc.OperationalError) as busy:
            asking.exec_driver_sql("CREATE TABLE a (b)")
    held.dispose()
    other.dispose()

    assert failures.is_of_the_database(busy.value)
    assert not failures.is_of_the_database(unknown.value)
    assert not failures.is_of_the_database(ValueError())


def test_a_store_erases_only_so_many_of_the_others_members_without_a_person(chain):
    chain.folding.settings = chain.folding.settings.model_copy(
        update={"hq": chain.folding.settings.hq.model_copy(update={"erasures_per_store_day": 2})}
    )
    chain.told(*[member(n, phone=number(n), store="store-8") for n in range(1, 5)])
    chain.take_in(*[member(n, phone=number(n), at=WHEN[1]) for n in range(1, 5)])
    chain.take_in(*[erased(n, 2, at=WHEN[2]) for n in range(1, 5)])
    chain.folding.run()

    assert len(chain.rows(ErasureOrder)) == 2
    assert {each.reason for each in chain.rows(ParkedEvent)} == {"too_many_erasures"}
    assert len(chain.crm()) == 2
    with chain.database.writing() as session:
        parking.put_back(session, chain.sealer, chain.now)
    chain.folding.run()
    assert len(chain.rows(ErasureOrder)) == 4
    assert chain.crm() == {}


def test_members_of_its_own_a_store_erases_without_a_limit(chain):
    chain.folding.settings = chain.folding.settings.model_copy(
        update={"hq": chain.folding.settings.hq.model_copy(update={"erasures_per_store_day": 0})}
    )
    chain.told(member(1, phone=PHONE), erased(1, 2, at=WHEN[1]))

    assert chain.is_folded()


def test_what_is_parked_of_the_erased_is_forgotten(chain):
    chain.take_in(member(1, phone=PHONE), member(1, 2, kind="updated", phone=PHONE))
    with chain.database.writing() as session:
        session.execute(sa.text("UPDATE inbox SET type = 'doorman.traffic.day' WHERE position = 1"))
    chain.folding.run()
    assert len(chain.rows(ParkedEvent)) == 1

    chain.told(erased(1, 3, at=WHEN[1]))
    assert chain.rows(ParkedEvent) == []
    assert chain.is_folded()


def test_what_is_parked_can_be_put_back_after_its_id_would_have_been_forgotten(chain):
    chain.told(click(3))
    chain.now += dt.timedelta(days=90)
    with chain.database.writing() as session:
        retention.forget_news(session, chain.now)
    chain.take_in(member(3, phone=PHONE))
    chain.folding.run()

    assert chain.kinds() == ["member.enrolled", "campaign.click"]
    chain.now += dt.timedelta(days=90)
    with chain.database.writing() as session:
        retention.forget_news(session, chain.now)
    assert chain.rows(InboxEvent) == []


def test_blind_indexes_are_kept_from_the_erasure_on_however_old_the_proof(chain):
    chain.now += dt.timedelta(days=400)
    chain.told(member(1, phone=PHONE), erased(1, 2, at=chain.now))
    with chain.database.writing() as session:
        retention.forget_news(session, chain.now + dt.timedelta(days=1))
    assert len(chain.rows(ChainIdentity)) == 1

    chain.told(member(2, phone=PHONE, store="store-8", at=WHEN[1]))
    assert all(link.is_erased for link in chain.rows(ChainLink))


def test_an_old_yes_that_is_told_anew_outweighs_no_newer_no(chain):
    both, old = ["membership", "marketing"], (T0 - dt.timedelta(days=5)).isoformat()
    chain.told(
        member(2, phone=PHONE, store="store-8", consents=both),
        consent(2, 2, given=False, store="store-8", at=WHEN[1]),
        member(
            1,
            3,
            kind="updated",
            at=WHEN[5],
            consents=both,
            phone=PHONE,
            enrolled_at=old,
            phone_verified_at=old,
        ),
    )

    [held] = chain.crm().values()
    assert held["consents"] == ["membership"]


def test_a_field_that_nobody_here_knows_goes_no_further(chain):
    more = {"mac": "02:00:00:00:00:01", "campaign": {"id": 1, "name": "May", "phone": PHONE}}
    said = click(1)
    said["data"] |= more
    chain.told(member(1, phone=PHONE), said)

    [_, (_, _, data)] = chain.news()
    assert data["campaign"] == {"id": 1, "name": "May"}
    assert set(data) == {"campaign", "clicked_at", "member", "store", "version"}
    assert data["member"] != member_id(1)

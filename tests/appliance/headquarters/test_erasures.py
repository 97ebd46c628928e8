"""Whoever is erased in one store is erased in all of the chain, by HTTP all the way."""

import contextlib
import threading

import pytest
import sqlalchemy as sa
import ulid
from werkzeug.serving import make_server

from core import erasure
from core.members import member_news
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.settings import Settings
from crm import delivery
from crm.backoff import Backoff
from crm.webhook import WebhookCrm
from hq.intake.folding import Folding
from hq.models.erasure_order import ErasureOrder

NUMBER = b"+8613800138000"


@pytest.fixture
def address(chain):
    server = make_server("127.0.0.1", 0, chain.browser.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/events"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def stores(new_store):
    return new_store("store-7"), new_store("store-8")


@pytest.fixture
def settle(chain, address, tmp_path):
    """Each store sends its news, headquarters folds them, each store speaks with it."""
    folding = Folding(
        Settings(data_dir=tmp_path / "fold"), chain.database, chain.sealer, chain.clock
    )

    def settle(*stores):
        now = chain.clock.now
        for each in stores:
            header = {"doorman-store": each.name}
            crm = WebhookCrm(
                address, each.line.key, 5, chain.clock, headers=header, is_headquarters=True
            )
            with contextlib.closing(crm):
                backoff = Backoff(chance=lambda: 0.0)
                delivery.deliver(
                    each.database, each.sealer, crm, each.settings, lambda: now, backoff=backoff
                )
        folding.run()
        for each in stores:
            each.speak()

    return settle


def enrol(shop, number=NUMBER):
    now, sealer = shop.chain.clock.now, shop.sealer
    with shop.database.writing() as session:
        member = Member(public_id=str(ulid.ULID()), language="zh", enrolled_at=now, version=1)
        session.add(member)
        session.flush()
        lookup = sealer.lookup("phone", number)
        sealed = sealer.seal(identities.VALUE, number)
        session.add(
            Identity(
                member_id=member.id,
                kind=IdentityKind.PHONE,
                lookup=lookup,
                sealed_value=sealed,
                verified_at=now,
            )
        )
        session.add(
            Consent(
                account_lookup=lookup,
                member_id=member.id,
                purpose=Purpose.MEMBERSHIP,
                wording_version="1",
                language="zh",
                given_at=now,
            )
        )
        session.flush()
        member_news.changed(
            session,
            sealer,
            member,
            is_new=True,
            purposes=[Purpose.MEMBERSHIP],
            store_id=shop.name,
            now=now,
        )
        return member.public_id


def members(shop):
    with shop.database.reading() as session:
        return set(session.scalars(sa.select(Member.public_id)))


def orders(chain):
    with chain.database.reading() as session:
        return {
            (row.store_id, row.store_member): row.done_at is not None
            for row in session.scalars(sa.select(ErasureOrder))
        }


def erase(shop, member):
    with shop.database.writing() as session:
        now = shop.chain.clock.now
        erasure.erase(session, shop.sealer, member, store_id=shop.name, now=now)


def test_whoever_is_erased_in_one_store_is_erased_in_the_other(stores, chain, settle):
    one, other = stores
    erased, same = enrol(one), enrol(other)
    stays = enrol(other, b"+8613911112222")
    settle(one, other)
    assert members(other) == {same, stays}
    erase(one, erased)
    settle(one, other)

    assert members(other) == {stays}
    assert orders(chain) == {("store-8", same): True}


def test_a_store_that_was_away_hears_of_it_when_it_is_back(stores, chain, settle):
    one, other = stores
    erased, same = enrol(one), enrol(other)
    settle(one, other)
    other.line.is_cut = True
    erase(one, erased)
    settle(one, other)
    assert members(other) == {same}
    other.line.is_cut = False
    other.speak(hours=30)

    assert members(other) == set()


def test_its_own_tombstone_changes_nothing_and_asks_for_nothing(stores, chain, settle):
    one, other = stores
    erased, same = enrol(one), enrol(other)
    settle(one, other)
    erase(one, erased)
    settle(one, other)
    settle(one, other)

    assert orders(chain) == {("store-8", same): True}
    assert members(one) == members(other) == set()
    with other.database.reading() as session:
        tombstones = sa.select(OutboxEvent.subject).where(
            OutboxEvent.type == "doorman.member.erased"
        )
        assert session.scalars(tombstones).all() == [same]


def test_an_order_of_another_store_is_not_settled(stores, chain, settle):
    one, other = stores
    erased, _ = enrol(one), enrol(other)
    settle(one, other)
    other.line.is_cut = True
    erase(one, erased)
    settle(one, other)
    with chain.database.reading() as session:
        number = session.scalars(sa.select(ErasureOrder.id)).one()
    one.line.ask("/v1/erasures", {"done": [number]}, chain.clock.now)

    assert list(orders(chain).values()) == [False]

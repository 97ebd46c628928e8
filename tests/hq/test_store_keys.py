import datetime as dt

import pytest

from core import webhook_signature, wechat_relay
from core.wechat_relay import Way
from hq import store_keys, stores
from hq.models.store import Store, StoreKey
from tests.hq.intake.news import member, send
from tests.hq.parts import PORTAL, Relay

GRACE = dt.timedelta(hours=1)


@pytest.fixture
def relay(hq_database, sealer, now):
    return Relay(hq_database, sealer, now)


def rotated(relay, **more):
    with relay.database.writing() as session:
        text = stores.rotate_key(session, relay.sealer, "store-7", relay.clock.now, **more)
    return webhook_signature.read_key(text)


def status(relay, key):
    """Of a question and of events, which have to be let in alike."""
    body, headers = relay.signed(wechat_relay.LOOK, key=key, login="0" * 32)
    asked = relay.browser.post(wechat_relay.LOOK, data=body, headers=headers).status_code
    sent = send(relay, [member(1)], key=key).status_code
    assert (asked == 401) == (sent == 401)
    return sent


def test_the_old_key_is_good_until_the_new_one_is_used_and_a_grace_longer(relay):
    new = rotated(relay)
    relay.clock.pass_by(days=30)
    assert status(relay, relay.key) == 200
    assert status(relay, new) == 200
    relay.clock.pass_by(minutes=59)
    assert status(relay, relay.key) == 200
    relay.clock.pass_by(minutes=2)

    assert status(relay, relay.key) == 401
    assert status(relay, new) == 200


def test_the_grace_is_the_settings(hq_database, sealer, now):
    relay = Relay(hq_database, sealer, now, key_grace_s=0)
    new = rotated(relay)

    assert status(relay, new) == 200
    assert status(relay, relay.key) == 401


def test_an_old_key_ends_when_it_was_told_to_whether_or_not_the_new_one_is_used(relay):
    new = rotated(relay, old_until=relay.clock.now + dt.timedelta(hours=2))
    relay.clock.pass_by(hours=3)

    assert status(relay, relay.key) == 401
    assert status(relay, new) == 200


def test_a_store_that_is_added_again_keeps_its_key_until_the_new_one_is_used(relay):
    new = relay.add_store("store-7", PORTAL)

    assert status(relay, relay.key) == 200
    assert status(relay, new) == 200


def test_a_revoked_key_ends_at_once_and_the_others_do_not(relay):
    new = rotated(relay)
    with relay.database.writing() as session:
        [old, _] = store_keys.listed(session, "store-7")
        assert store_keys.revoke(session, "store-7", old.id, relay.clock.now) == 1
        assert store_keys.revoke(session, "store-7", old.id, relay.clock.now) == 0

    assert status(relay, relay.key) == 401
    assert status(relay, new) == 200


def test_a_store_whose_keys_are_all_revoked_is_shut_out(relay):
    with relay.database.writing() as session:
        assert store_keys.revoke(session, "store-7", None, relay.clock.now) == 1

    assert status(relay, relay.key) == 401


def test_no_store_can_sign_with_anothers_key(relay):
    other = relay.add_store("store-8", PORTAL)

    assert status(relay, other) == 401


def test_a_link_is_signed_with_the_key_that_the_store_used_last(relay, sealer):
    new = rotated(relay)

    def current():
        with relay.database.reading() as session:
            return store_keys.current(session, sealer, "store-7", relay.clock.now)

    assert relay.begin(Way.OAUTH).status_code == 200
    assert current() == relay.key
    relay.clock.pass_by(seconds=1)
    assert status(relay, new) == 200
    assert current() == new
    relay.clock.pass_by(seconds=1)
    assert status(relay, relay.key) == 200
    assert current() == relay.key


def test_the_use_of_a_key_is_written_down_once_an_hour(relay):
    def used_at():
        with relay.database.reading() as session:
            return session.query(StoreKey).one().used_at

    status(relay, relay.key)
    first = used_at()
    relay.clock.pass_by(minutes=30)
    status(relay, relay.key)
    assert used_at() == first
    relay.clock.pass_by(minutes=31)
    status(relay, relay.key)

    assert used_at() == first + dt.timedelta(minutes=61)


def test_keys_are_sealed_and_stores_have_a_place(relay, hq_database, sealer):
    place = stores.Place("Nanjing Road", "East", 31.2, 121.5)
    with hq_database.writing() as session:
        stores.add(session, sealer, "store-7", [PORTAL], relay.clock.now, place=place)
    with hq_database.reading() as session:
        store = session.get(Store, "store-7")
        keys = store_keys.listed(session, "store-7")

    assert all(relay.key not in key.sealed_key for key in keys)
    assert (store.name, store.region, store.latitude) == ("Nanjing Road", "East", 31.2)


def test_a_key_is_for_a_store_that_there_is(relay):
    with relay.database.writing() as session, pytest.raises(stores.StoreError):
        stores.rotate_key(session, relay.sealer, "store-9", relay.clock.now)

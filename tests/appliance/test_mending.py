"""Store and CRM are brought to agree, whatever became of either."""

import datetime as dt

import pytest

from core import crm_line, retention
from core.outbox import EventType
from crm.reconciliation import Mend
from tests.appliance import chain_store
from tests.appliance.chain_store import ChainStore

DAY = dt.date(2026, 5, 14)


@pytest.fixture
def store_on(sealer, tmp_path, now):
    with chain_store.crm_server(tmp_path / "crm", now) as (crm, url):
        settings = chain_store.settings_of(tmp_path)
        yield lambda database: ChainStore(database, sealer, settings, crm, url, now)


@pytest.fixture
def store(store_on, database):
    return store_on(database)


@pytest.fixture
def agreed(store):
    """Both hold the same: three members and a day."""
    ids = [store.enrol(1, days_ago=3, coupon=True), store.enrol(2, days_ago=3), store.enrol(3)]
    store.close_day(DAY)
    store.reconcile()
    store.deliver()
    assert store.reconcile().differing == 0
    return store, ids


def agree(store):
    """Deliver what was queued; there must be nothing left that differs."""
    store.deliver()
    assert store.reconcile().differing == 0


def test_a_crm_that_has_nothing_is_told_everything(store_on, any_database):
    store = store_on(any_database)
    whole, plain = store.enrol(1, days_ago=3, coupon=True), store.enrol(2)
    store.close_day(DAY)

    found = store.reconcile()

    assert (found.compared, dict(found.mended)) == (3, {Mend.TOLD: 3})
    agree(store)
    assert store.crm_members().keys() == {whole, plain}
    with store.crm.reading() as connection:
        told = [row["type"] for row in connection.execute("SELECT type FROM events")]
    assert sorted(told) == [
        EventType.CONSENT_GIVEN,
        EventType.CONSENT_GIVEN,
        EventType.COUPON_ISSUED,
        EventType.COUPON_USED,
        EventType.MEMBER_ENROLLED,
        EventType.MEMBER_ENROLLED,
        EventType.TRAFFIC_DAY,
    ]


def deliver_all(store):
    while store.deliver().accepted:
        pass


def lost_a_member(store, ids):
    store.at_crm("DELETE FROM members WHERE id = ?", ids[0])
    store.at_crm("DELETE FROM heard WHERE id = ?", ids[0])


def heard_less(store, ids):
    store.at_crm("UPDATE heard SET version = 1 WHERE id = ?", ids[1])
    store.at_crm("UPDATE members SET version = 1 WHERE id = ?", ids[1])


def heard_more_than_a_restored_store_knows(store, ids):
    store.at_crm("UPDATE heard SET version = 70 WHERE id = ?", ids[2])
    store.at_crm("UPDATE members SET version = 70 WHERE id = ?", ids[2])


def lost_a_day(store, _ids):
    store.at_crm("DELETE FROM days")


def has_an_older_day(store, _ids):
    store.at_crm(
        "UPDATE days SET at = at - 60, data = replace(data, '2026-05-14T16:30', '2026-05-14T16:29')"
    )


def all_of_it(store, ids):
    for damage in (lost_a_member, heard_less, heard_more_than_a_restored_store_knows, lost_a_day):
        damage(store, ids)


@pytest.mark.parametrize(
    ("damage", "count"),
    [
        pytest.param(lost_a_member, 1, id="the-crm-lost-a-member"),
        pytest.param(heard_less, 1, id="the-crm-is-from-an-old-backup"),
        pytest.param(heard_more_than_a_restored_store_knows, 1, id="the-store-is"),
        pytest.param(lost_a_day, 1, id="the-crm-lost-a-day"),
        pytest.param(has_an_older_day, 1, id="the-crm-has-an-older-day"),
        pytest.param(all_of_it, 4, id="all-at-once"),
    ],
)
def test_whatever_differs_is_told_anew_and_nothing_else(agreed, damage, count):
    store, ids = agreed
    damage(store, ids)

    found = store.reconcile()

    assert dict(found.mended) == {Mend.TOLD: count}
    agree(store)
    assert store.crm_members().keys() == set(ids)
    held = {key: data["version"] for key, data in store.crm_members().items()}
    assert all(held[key] <= version for key, version in store.members().items())


def test_a_member_whom_the_crm_was_to_forget_and_has_again_goes_again(agreed):
    store, ids = agreed
    kept = store.crm_members()[ids[0]]
    store.erase(ids[0])
    store.deliver()
    # The CRM is restored from a backup, which may be old.
    with store.database.writing() as session:
        forgotten = retention.forget(session, store.now + dt.timedelta(days=366))
        assert forgotten["outbox_events"] > 0
    store.at_crm("DELETE FROM erased")
    store.at_crm("INSERT INTO members VALUES (?, ?, ?)", ids[0], kept["version"], "{}")

    assert dict(store.reconcile().mended) == {Mend.ERASED_THERE: 1}
    agree(store)
    assert ids[0] not in store.crm_members()


def test_whom_an_old_backup_of_the_store_brings_back_is_erased_again(agreed):
    store, ids = agreed
    store.at_crm("DELETE FROM members WHERE id = ?", ids[0])
    store.at_crm("INSERT INTO erased VALUES (?)", ids[0])

    assert dict(store.reconcile().mended) == {Mend.ERASED_HERE: 1}
    assert ids[0] not in store.members()
    agree(store)


def test_a_member_whom_the_crm_was_to_merge_and_has_again_is_merged_again(agreed):
    store, (old, young, _) = agreed
    store.merge(young, into=old)
    store.deliver()
    assert store.reconcile().differing == 0
    # The CRM is restored from a backup.
    store.at_crm("DELETE FROM absorbed")
    store.at_crm("INSERT INTO members VALUES (?, 4, '{}')", young)
    heard_less(store, [None, old])

    assert store.reconcile().mended[Mend.MERGED_THERE] == 1
    deliver_all(store)
    assert store.reconcile().differing == 0
    assert store.crm_members().keys() == store.members().keys()
    assert young not in store.crm_members()

    store.erase(old)
    store.deliver()
    store.at_crm("DELETE FROM absorbed")
    store.at_crm("INSERT INTO members VALUES (?, 4, '{}')", young)
    assert dict(store.reconcile().mended) == {Mend.ERASED_THERE: 1}


@pytest.mark.parametrize("is_stayer_here", [True, False])
def test_who_an_old_backup_of_the_store_tells_apart_again_is_merged_again(agreed, is_stayer_here):
    store, (old, young, _) = agreed
    stays = old if is_stayer_here else "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    store.at_crm("DELETE FROM members WHERE id = ?", young)
    store.at_crm("INSERT INTO absorbed VALUES (?, ?)", young, stays)

    if not is_stayer_here:
        for _night in range(2):
            assert dict(store.reconcile().mended) == {Mend.UNKNOWN: 1}
            assert store.deliver().accepted == 0
        return
    assert dict(store.reconcile().mended) == {Mend.MERGED_HERE: 1}
    deliver_all(store)
    assert store.reconcile().differing == 0
    assert store.crm_members().keys() == store.members().keys()
    assert young not in store.members()


def test_a_member_of_whom_nothing_here_tells_is_left_to_a_person(agreed):
    store, ids = agreed
    stranger = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    store.at_crm("INSERT INTO members VALUES (?, 5, '{}')", stranger)
    store.at_crm("INSERT INTO heard VALUES (?, 'store-1', 5)", stranger)

    assert dict(store.reconcile().mended) == {Mend.UNKNOWN: 1}
    with store.database.reading() as session:
        assert crm_line.read(session).unknown == 1
    assert store.deliver().accepted == 0
    assert dict(store.reconcile(forgets_unknown=True).mended) == {Mend.ERASED_THERE: 1}
    agree(store)
    assert store.crm_members().keys() == set(ids)


def test_so_much_is_told_in_a_night_that_it_drives_out_nothing_else(store):
    crm = store.settings.crm.model_copy(update={"most_waiting": 30})
    store.settings = store.settings.model_copy(update={"crm": crm})
    for number in range(4):
        store.enrol(number)

    assert dict(store.reconcile().mended) == {Mend.TOLD: 2, Mend.LATER: 2}
    store.deliver()
    store.deliver()
    assert dict(store.reconcile().mended) == {Mend.TOLD: 2}
    store.deliver()
    agree(store)


def test_what_waits_already_is_not_told_twice(agreed):
    store, ids = agreed
    lost_a_member(store, ids)
    store.reconcile()

    assert dict(store.reconcile().mended) == {Mend.UNDER_WAY: 1}


def test_a_crm_that_calls_many_gone_is_not_believed_without_a_person(store):
    crm = store.settings.crm.model_copy(update={"erasures_a_day": 2})
    store.settings = store.settings.model_copy(update={"crm": crm})
    ids = [store.enrol(number) for number in range(5)]
    store.at_crm("INSERT INTO absorbed VALUES (?, ?)", ids[0], ids[1])
    for each in ids[1:]:
        store.at_crm("INSERT INTO erased VALUES (?)", each)

    # However often it is asked: a comparison that breaks off begins anew.
    for _time in range(2):
        store.reconcile()
    with store.database.reading() as session:
        assert crm_line.read(session).unknown == 3
    assert len(store.members()) == 3

    assert dict(store.reconcile(believes=True).mended)[Mend.ERASED_HERE] == 3
    assert store.members() == {}

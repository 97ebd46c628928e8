import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from analytics.dashboard import failed_sign_ins
from analytics.dashboard.failed_sign_ins import ALLOWED, ALLOWED_IN_ALL, WINDOW
from core.models.sign_in import FailedSignIn

HERE, THERE = "10.0.0.7", "10.0.0.8"


@pytest.fixture
def may_try(any_database, sealer, now):
    def ask(name="alice", address=HERE, at=now):
        return failed_sign_ins.begin(any_database, sealer, name, address, at)

    return ask


def test_locks_a_name_at_an_address_after_the_allowed_failures(may_try):
    assert [may_try() for _ in range(ALLOWED + 2)] == [True] * ALLOWED + [False] * 2
    assert may_try("bob")
    assert may_try("alice", THERE)


def test_forgets_failures_after_the_window_however_often_it_was_asked(may_try, now):
    for minute in range(14):
        for _ in range(ALLOWED):
            may_try(at=now + dt.timedelta(minutes=minute))

    assert not may_try(at=now + WINDOW - dt.timedelta(seconds=1))
    assert may_try(at=now + WINDOW)


def test_a_name_cannot_be_tried_from_ever_new_addresses(may_try):
    tries = [may_try("alice", f"10.0.1.{number}") for number in range(ALLOWED_IN_ALL + 3)]

    assert sum(tries) == ALLOWED_IN_ALL


def test_names_cannot_be_tried_one_after_the_other_from_one_address(may_try):
    tries = [may_try(f"name-{number}") for number in range(ALLOWED_IN_ALL + 3)]

    assert sum(tries) == ALLOWED_IN_ALL


def test_a_success_wipes_the_slate_of_this_name_here_and_no_other(may_try, any_database, sealer):
    for name, address in (("alice", HERE), ("alice", THERE), ("bob", HERE)):
        for _ in range(ALLOWED):
            may_try(name, address)

    failed_sign_ins.clear(any_database, sealer, "alice", HERE)

    assert may_try("alice", HERE)
    assert not may_try("alice", THERE)
    assert not may_try("bob", HERE)


def test_of_many_at_once_no_more_get_through(may_try):
    with ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda _: may_try(), range(16)))

    assert sum(tries) <= ALLOWED


def test_what_was_typed_for_a_name_is_not_kept(may_try, any_database):
    may_try("my secret password")

    with any_database.reading() as session:
        row = session.execute(sa.select(FailedSignIn.__table__)).one()
    assert "secret" not in str(row)

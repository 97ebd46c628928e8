import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.dashboard import accounts, sign_ins
from analytics.dashboard.sign_ins import Lifetime
from core.models.sign_in import SignIn
from core.models.user import Role

MINUTES = dt.timedelta(minutes=1)
LIFETIME = Lifetime(longest=180 * MINUTES, idle=60 * MINUTES)


@pytest.fixture
def token(any_database, sealer, now):
    accounts.add(any_database, "alice", "correct horse battery", now)
    return sign_ins.begin(any_database, sealer, accounts.id_of(any_database, "alice"), now)


@pytest.fixture
def find(any_database, sealer, token):
    return lambda at, word=token, **rest: sign_ins.find(
        any_database, sealer, word, LIFETIME, at, **rest
    )


def test_a_browser_is_known_by_its_word_alone(find, now):
    assert (find(now).name, find(now).role) == ("alice", Role.MANAGER)
    assert find(now, "another word") is None
    assert find(now, "") is None


def test_who_does_nothing_is_out_after_the_idle_time(find, now):
    assert find(now + 59 * MINUTES)
    assert find(now + 118 * MINUTES)
    assert find(now + 178 * MINUTES) is None


def test_a_page_that_fetches_itself_keeps_nobody_in(find, now):
    assert find(now + 59 * MINUTES, is_active=False)
    assert find(now + 60 * MINUTES, is_active=False) is None


def test_however_busy_it_ends(find, now):
    assert all(find(now + minute * MINUTES) for minute in range(0, 180, 30))
    assert find(now + 180 * MINUTES) is None


def test_ended_it_stays_ended(any_database, sealer, find, token, now):
    sign_ins.end(any_database, sealer, token)

    assert find(now) is None


def test_the_word_of_the_cookie_is_not_in_the_database(any_database, token):
    with any_database.reading() as session:
        row = session.execute(sa.select(SignIn.__table__)).one()

    assert token not in str(row)

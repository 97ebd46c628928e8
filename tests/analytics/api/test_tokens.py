import datetime as dt

import pytest

from analytics.api import tokens
from core import retention

TODAY = dt.date(2026, 5, 16)


@pytest.fixture
def is_good(database, sealer, now):
    def ask(token, later=dt.timedelta()):
        return tokens.is_good(database, sealer, token, now + later, TODAY)

    return ask


def test_a_token_is_good_until_it_expires(token, is_good):
    assert is_good(token)
    assert is_good(token, dt.timedelta(days=30, seconds=-1))
    assert not is_good(token, dt.timedelta(days=30))


def test_a_revoked_token_is_good_no_more(database, token, is_good):
    [row] = tokens.everyone(database)
    tokens.revoke(database, row.id)

    assert not is_good(token)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda token: token[:-1], id="shorter"),
        pytest.param(lambda token: token.swapcase(), id="other-capitals"),
        pytest.param(lambda token: token + "A", id="longer"),
        pytest.param(lambda _: "", id="none"),
        pytest.param(lambda _: "doorman_" + 43 * "é", id="other-letters"),
    ],
)
def test_nothing_else_is_good(token, change, is_good):
    assert not is_good(change(token))


def test_the_database_keeps_nothing_to_read_figures_with(database, token):
    with database.engine.connect() as connection:
        dump = "".join(connection.connection.driver_connection.iterdump())

    assert "till" in dump
    assert token not in dump
    assert token.removeprefix("doorman_") not in dump


def test_the_day_of_its_last_use_is_noted(database, token, is_good):
    assert [row.used_on for row in tokens.everyone(database)] == [None]
    is_good(token)
    assert [row.used_on for row in tokens.everyone(database)] == [TODAY]


@pytest.mark.parametrize(
    ("name", "days"), [("", 30), ("  ", 30), ("x" * 65, 30), ("till", 31), ("till", -1)]
)
def test_a_token_without_a_name_or_an_end_is_not_made(database, sealer, now, name, days):
    with pytest.raises(ValueError, match="needs a name"):
        tokens.make(database, sealer, name, days, now)

    assert not tokens.everyone(database)


@pytest.mark.usefixtures("token")
def test_an_expired_token_is_forgotten_later(database, now):
    with database.writing() as session:
        assert retention.forget(session, now + dt.timedelta(days=119))["api_tokens"] == 0
        assert retention.forget(session, now + dt.timedelta(days=121))["api_tokens"] == 1

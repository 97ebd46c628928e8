import pytest

from analytics.dashboard import accounts

PASSWORD = "correct horse battery"


def test_lets_in_by_name_and_password_alone(any_database, now):
    accounts.add(any_database, "alice", PASSWORD, now)

    user_id = accounts.identify(any_database, "alice", PASSWORD)

    assert accounts.name_of(any_database, user_id) == "alice"
    assert accounts.identify(any_database, "alice", PASSWORD + "x") is None
    assert accounts.identify(any_database, "bob", PASSWORD) is None
    assert accounts.name_of(any_database, user_id + 1) is None


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [
        pytest.param("", PASSWORD, "name", id="no-name"),
        pytest.param("al ice", PASSWORD, "name", id="blank-in-name"),
        pytest.param("a" * 65, PASSWORD, "name", id="long-name"),
        pytest.param("alice", "ninechars", "10 to 200", id="short-password"),
        pytest.param("alice", "x" * 201, "10 to 200", id="endless-password"),
        pytest.param("alice-the-first", "Alice-The-First", "not be the name", id="name-again"),
    ],
)
def test_refuses_weak_accounts_without_repeating_them(database, now, name, password, message):
    with pytest.raises(accounts.AccountError, match=message) as caught:
        accounts.add(database, name, password, now)

    assert password not in str(caught.value)


def test_a_name_is_given_once(any_database, now):
    accounts.add(any_database, "alice", PASSWORD, now)

    with pytest.raises(accounts.AccountError, match="already"):
        accounts.add(any_database, "alice", "another password", now)
    assert accounts.identify(any_database, "alice", PASSWORD) is not None

import pytest
from werkzeug.security import generate_password_hash

from analytics.dashboard import accounts, sign_ins
from core.models.sign_in import SignIn
from core.models.user import Role, User

PASSWORD = "correct horse battery"


def role_of(database, name):
    return {user.name: user.role for user in accounts.everybody(database)}[name]


def test_lets_in_by_name_and_password_alone(any_database, now):
    accounts.add(any_database, "alice", PASSWORD, now)

    user_id = accounts.identify(any_database, "alice", PASSWORD)

    assert accounts.find(any_database, user_id).name == "alice"
    assert accounts.identify(any_database, "alice", PASSWORD + "x") is None
    assert accounts.identify(any_database, "bob", PASSWORD) is None
    assert accounts.find(any_database, user_id + 1) is None


@pytest.mark.parametrize(
    ("name", "password", "message"),
    [
        pytest.param("", PASSWORD, "name", id="no-name"),
        pytest.param("al ice", PASSWORD, "name", id="blank-in-name"),
        pytest.param("system:root", PASSWORD, "name", id="as-the-command-line"),
        pytest.param("a" * 65, PASSWORD, "name", id="long-name"),
        pytest.param("alice", "elevensigns", "12 to 128", id="short-password"),
        pytest.param("alice", "one lamp " * 15, "12 to 128", id="endless-password"),
        pytest.param("alice", "qwertyuiop12", "anybody tries", id="easy-password"),
        pytest.param("alice-the-first", "alice-the-first1", "anybody tries", id="name-and-number"),
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
        accounts.add(any_database, "alice", "another password", now, Role.IT)
    assert accounts.identify(any_database, "alice", PASSWORD) is not None


def test_the_first_user_is_the_manager_and_others_need_a_role(any_database, now):
    assert accounts.add(any_database, "alice", PASSWORD, now) is Role.MANAGER
    with pytest.raises(accounts.AccountError, match="manager, marketer, it, auditor"):
        accounts.add(any_database, "bob", PASSWORD, now)

    accounts.add(any_database, "bob", PASSWORD, now, Role.AUDITOR)

    assert [user.name for user in accounts.everybody(any_database)] == ["alice", "bob"]
    assert role_of(any_database, "bob") is Role.AUDITOR


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d: accounts.set_password(d, "bob", "another password"), id="password"),
        pytest.param(lambda d: accounts.set_role(d, "bob", Role.IT), id="role"),
        pytest.param(lambda d: accounts.remove(d, "bob"), id="removed"),
    ],
)
def test_a_change_signs_a_user_out_everywhere_and_nobody_else(any_database, sealer, now, change):
    accounts.add(any_database, "alice", PASSWORD, now)
    accounts.add(any_database, "bob", PASSWORD, now, Role.MARKETER)
    alice, bob = (accounts.id_of(any_database, name) for name in ("alice", "bob"))
    for user_id in (alice, bob, bob):
        sign_ins.begin(any_database, sealer, user_id, now)

    change(any_database)

    with any_database.reading() as session:
        assert [each.user_id for each in session.query(SignIn)] == [alice]


def test_another_password_replaces_the_first(any_database, now):
    accounts.add(any_database, "alice", PASSWORD, now)
    accounts.set_password(any_database, "alice", "another password")

    assert accounts.identify(any_database, "alice", PASSWORD) is None
    assert accounts.identify(any_database, "alice", "another password")
    with pytest.raises(accounts.PasswordError):
        accounts.set_password(any_database, "alice", "alice")


@pytest.mark.parametrize("change", [accounts.remove, lambda d, n: accounts.set_role(d, n, Role.IT)])
def test_who_is_not_there_cannot_be_changed(database, change):
    with pytest.raises(accounts.UnknownUserError, match="doorman user list"):
        change(database, "nobody")


def test_an_old_hash_is_replaced_at_the_next_sign_in(any_database, now):
    old = generate_password_hash(PASSWORD, method="scrypt:1024:8:1")
    with any_database.writing() as session:
        session.add(User(name="alice", role=Role.MANAGER, password_hash=old, created_at=now))

    assert accounts.identify(any_database, "alice", "wrong horse battery") is None
    assert accounts.everybody(any_database)[0].password_hash == old
    assert accounts.identify(any_database, "alice", PASSWORD)
    assert accounts.everybody(any_database)[0].password_hash.startswith("$argon2id$")
    assert accounts.identify(any_database, "alice", PASSWORD)

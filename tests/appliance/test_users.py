import pytest
from click.testing import CliRunner

from analytics.dashboard import accounts, second_factor
from appliance.users import user
from core import clock
from core.database import Database
from core.models.audit_entry import AuditEntry
from core.models.every import metadata
from core.models.user import User
from core.sealing import Sealer

PASSWORD = "correct horse battery"


@pytest.fixture
def appliance(tmp_path, monkeypatch):
    """The database of an appliance whose settings are in the environment."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    yield database
    database.dispose()


def add(*arguments, typed):
    return CliRunner().invoke(user, ["add", *arguments], input=typed)


def test_asks_for_the_password_twice(appliance):
    result = add("alice", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert accounts.identify(appliance, "alice", PASSWORD)


def test_takes_the_password_from_a_pipe(appliance):
    assert add("alice", "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    assert accounts.identify(appliance, "alice", PASSWORD)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("alice", "short\n"), ("al ice", f"{PASSWORD}\n"), ("alice", "")],
    ids=["short-password", "bad-name", "no-password"],
)
def test_a_refused_account_is_not_made(appliance, name, typed):
    result = add(name, "--password-stdin", typed=typed)

    assert result.exit_code == 1
    assert "Error:" in result.output
    assert accounts.everybody(appliance) == []


def test_a_database_without_tables_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))

    result = add("alice", "--password-stdin", typed=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert "doorman migrate" in result.output


def run(*arguments, typed=None):
    return CliRunner().invoke(user, arguments, input=typed)


@pytest.fixture
def bob(appliance):
    """A marketer, beside the manager."""
    add("alice", "--password-stdin", typed=f"{PASSWORD}\n")
    result = add("bob", "--role", "marketer", "--password-stdin", typed=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    return "bob"


def test_the_first_user_is_the_manager_and_later_ones_need_a_role(appliance):
    assert "manager" in add("alice", "--password-stdin", typed=f"{PASSWORD}\n").output
    result = add("bob", "--password-stdin", typed=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert "say a role" in result.output


def test_lists_who_may_sign_in_as_what(bob):
    lines = [line.split("\t") for line in run("list").output.splitlines()]

    assert [(name, role, codes) for name, role, _, codes in lines] == [
        ("alice", "manager", "password alone"),
        ("bob", "marketer", "password alone"),
    ]


def test_changes_role_and_password_and_removes(appliance, bob):
    assert run("role", bob, "auditor").exit_code == 0
    assert run("password", bob, "--password-stdin", typed="another password\n").exit_code == 0
    assert accounts.identify(appliance, bob, "another password")
    assert "bob\tauditor" in run("list").output

    assert run("remove", bob).exit_code == 0
    assert "bob" not in run("list").output


def test_who_has_lost_the_phone_gets_in_by_password_again(appliance, bob):
    number = accounts.id_of(appliance, bob)
    sealer = Sealer(bytes(32))
    second_factor.begin(appliance, sealer, number)
    with appliance.writing() as session:
        session.get_one(User, number).totp_since = clock.now()
    assert "with codes" in run("list").output

    assert run("totp-off", bob).exit_code == 0
    assert not second_factor.is_on(appliance, number)


@pytest.mark.parametrize(
    "arguments",
    [("role", "eve", "it"), ("remove", "eve"), ("totp-off", "eve"), ("role", "alice", "owner")],
)
def test_what_cannot_be_done_is_an_error(bob, arguments):
    result = run(*arguments)

    assert result.exit_code != 0
    assert "Error" in result.output


def test_each_change_is_in_the_audit_log_by_who_was_at_the_machine(appliance, bob, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "carol")
    run("role", bob, "it")
    run("remove", "nobody")

    with appliance.reading() as session:
        last = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (last.user_name, last.action, last.about_user) == ("system:carol", "user.role", "bob")
    assert last.address is None

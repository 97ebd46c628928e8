import pytest
from click.testing import CliRunner

from analytics.dashboard import accounts
from appliance.users import user
from core.database import Database
from core.models.every import metadata

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
    assert accounts.name_of(appliance, 1) is None


def test_a_database_without_tables_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))

    result = add("alice", "--password-stdin", typed=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert "doorman migrate" in result.output

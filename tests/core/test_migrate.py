import contextlib
import datetime as dt
import sqlite3

import pytest
import sqlalchemy as sa
from alembic import autogenerate, command, migration

from core import database_form, migrate
from core.database import Database
from core.models.every import metadata
from core.models.user import Role, User


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    else:
        database = Database(request.getfixturevalue("postgresql_url"))
    yield database
    with database.engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
    database.dispose()


def test_migrations_build_exactly_what_the_models_say(empty):
    migrate.upgrade(empty)

    with empty.engine.connect() as connection:
        context = migration.MigrationContext.configure(connection)
        assert autogenerate.compare_metadata(context, metadata) == []


def test_a_second_upgrade_changes_nothing(empty):
    _, newest = migrate.upgrade(empty)

    assert migrate.upgrade(empty) == (newest, newest)
    assert migrate.is_current(empty)


def test_a_database_from_the_future_is_left_alone(empty):
    migrate.upgrade(empty)
    with empty.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(database_form.MigrationError, match="9999"):
        migrate.upgrade(empty)


def test_what_belongs_to_a_row_is_still_there_when_its_table_was_built_anew(empty):
    config = migrate._config(migrate.STORE)
    with empty.engine.execution_options(doorman_write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        fill(connection, "devices")
        fill(connection, "logins", device_id=1, language="zh")
        fill(connection, "members", language="zh")
        fill(connection, "identities", member_id=1)
        fill(connection, "grants", device_id=1, login_id=1, member_id=1)
    migrate.upgrade(empty)

    with empty.engine.connect() as connection:
        for table in ("devices", "logins", "members", "identities", "grants"):
            rows = sa.select(sa.func.count()).select_from(sa.table(table))
            assert connection.scalar(rows) == 1, table
        found = connection.execute(sa.text("SELECT login_id, member_id FROM grants")).one()
    assert found == (1, 1)
    with pytest.raises(sa.exc.IntegrityError), empty.writing() as session:
        session.execute(sa.text("UPDATE grants SET login_id = 99"))


def test_who_could_sign_in_before_there_were_roles_is_a_manager(empty):
    config = migrate._config(migrate.STORE)
    with empty.engine.execution_options(doorman_write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
        fill(connection, "users", name="alice", password_hash="scrypt")
    migrate.upgrade(empty)

    with empty.reading() as session:
        user = session.scalars(sa.select(User)).one()
    assert (user.name, user.role, user.totp_since) == ("alice", Role.MANAGER, None)


def fill(connection, name, /, **values):
    """A row of a table as it is now, of zeros but for `values`."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    samples = {
        int: 0,
        str: "x",
        bytes: b"x",
        bool: False,
        dt.datetime: dt.datetime(2026, 3, 5, tzinfo=dt.UTC),
    }
    needed = [each for each in table.columns if not each.nullable and not each.primary_key]
    row = {each.name: samples[each.type.python_type] for each in needed} | values
    connection.execute(sa.insert(table).values(id=1, **row))


def test_goes_back_to_any_older_form_and_forward_again(empty):
    _, newest = migrate.upgrade(empty)

    assert migrate.downgrade(empty, "0001") == (newest, "0001")
    assert migrate.downgrade(empty, "0001") == ("0001", "0001")
    assert migrate.upgrade(empty) == ("0001", newest)


@pytest.mark.parametrize("to", ["0028", "9999", ""], ids=["newer", "unknown", "none"])
def test_goes_back_to_no_form_that_is_not_an_older_one(empty, to):
    migrate.upgrade(empty)
    migrate.downgrade(empty, "0027")

    with pytest.raises(database_form.MigrationError, match="no older form"):
        migrate.downgrade(empty, to)

    assert database_form.revision(empty) == "0027"


def test_the_way_back_loses_nobody(empty):
    migrate.upgrade(empty)
    with empty.engine.execution_options(doorman_write=True).begin() as connection:
        fill(connection, "users", name="alice", password_hash="scrypt", role="manager")
        fill(connection, "members", language="zh")

    migrate.downgrade(empty, "0027")
    migrate.upgrade(empty)

    with empty.reading() as session:
        assert session.scalars(sa.select(User.name)).all() == ["alice"]
        assert session.scalar(sa.text("SELECT count(*) FROM members")) == 1


def test_a_copy_holds_all_and_is_for_its_owner_alone(database, tmp_path):
    with database.writing() as session:
        session.execute(sa.text("CREATE TABLE words (word TEXT)"))
        session.execute(sa.text("INSERT INTO words VALUES ('kept')"))
    copied = tmp_path / "copy.sqlite"

    database_form.copy(database, copied)

    assert copied.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(sqlite3.connect(copied)) as connection:
        assert connection.execute("SELECT word FROM words").fetchall() == [("kept",)]

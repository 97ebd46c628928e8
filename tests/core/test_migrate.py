import pytest
import sqlalchemy as sa
from alembic import autogenerate, migration

from core import migrate
from core.database import Database
from core.models.every import metadata


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

    with pytest.raises(migrate.MigrationError, match="9999"):
        migrate.upgrade(empty)

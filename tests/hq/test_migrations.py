import pytest
from alembic import autogenerate, migration

from core import migrate
from core.database import Database
from hq.models.every import metadata
from hq.wsgi import REVISIONS


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hq.sqlite'}"
    else:
        url = request.getfixturevalue("new_postgresql")()
    database = Database(url)
    migrate.upgrade(database, REVISIONS)
    yield database
    database.dispose()


def test_migrations_build_exactly_what_the_models_say(migrated):
    with migrated.engine.connect() as connection:
        context = migration.MigrationContext.configure(connection)
        assert autogenerate.compare_metadata(context, metadata) == []


def test_a_second_upgrade_changes_nothing(migrated):
    before, after = migrate.upgrade(migrated, REVISIONS)

    assert before == after
    assert migrate.is_current(migrated, REVISIONS)

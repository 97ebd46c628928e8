import shutil

import pytest
import sqlalchemy as sa
from alembic import autogenerate, migration

from core import migrate
from core.database import Database
from hq import store_keys
from hq.models.every import metadata
from hq.wsgi import REVISIONS


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hq.sqlite'}"
    else:
        url = request.getfixturevalue("new_postgresql")()
    database = Database(url)
    yield database
    database.dispose()


@pytest.fixture
def migrated(unmigrated):
    migrate.upgrade(unmigrated, REVISIONS)
    return unmigrated


def test_migrations_build_exactly_what_the_models_say(migrated):
    with migrated.engine.connect() as connection:
        context = migration.MigrationContext.configure(connection)
        assert autogenerate.compare_metadata(context, metadata) == []


def test_stores_from_before_keep_their_keys(unmigrated, sealer, tmp_path, now):
    first = tmp_path / "first"
    first.mkdir()
    for name in ("0001_first_tables.py", "0002_key_numbers.py", "0003_crm_records.py"):
        shutil.copy(REVISIONS / name, first)
    migrate.upgrade(unmigrated, first)
    row = {"id": "store-7", "urls": "[]", "now": now.replace(tzinfo=None)}
    with unmigrated.writing() as session:
        session.execute(
            sa.text(
                "INSERT INTO stores (id, portal_urls, sealed_key, added_at)"
                " VALUES (:id, :urls, :key, :now)"
            ),
            row | {"key": sealer.seal("stores.sealed_key", bytes(32))},
        )
    migrate.upgrade(unmigrated, REVISIONS)
    with unmigrated.writing() as session:
        moved = [store_keys.move_in(session, sealer) for _ in range(2)]

    assert moved == [1, 0]
    with unmigrated.reading() as session:
        assert store_keys.current(session, sealer, "store-7", now) == bytes(32)


def test_a_second_upgrade_changes_nothing(migrated):
    before, after = migrate.upgrade(migrated, REVISIONS)

    assert before == after
    assert migrate.is_current(migrated, REVISIONS)

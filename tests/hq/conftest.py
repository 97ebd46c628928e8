"""Databases of headquarters."""

import pytest

from core.database import Database
from hq.models.every import metadata
from tests import tables


@pytest.fixture(scope="session")
def hq_postgresql(new_postgresql):
    database = Database(new_postgresql())
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def hq_sqlite(in_memory):
    """Every table of headquarters, empty."""
    database = tables.sqlite(in_memory / "hq.sqlite", metadata)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def hq_database(request):
    """The same test on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("hq_sqlite")
        return
    database = request.getfixturevalue("hq_postgresql")
    yield database
    tables.forget(database, metadata)

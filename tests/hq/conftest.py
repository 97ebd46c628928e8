"""Databases of headquarters."""

import uuid

import psycopg
import pytest
import sqlalchemy as sa

from core.database import Database
from hq.models.every import metadata


@pytest.fixture(scope="session")
def new_postgresql(postgresql_url):
    """Makes an empty PostgreSQL database, and gives its address."""

    def make():
        name = f"hq_{uuid.uuid4().hex}"
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = sa.make_url(postgresql_url).set(database=name)
        return url.render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def hq_postgresql(new_postgresql):
    database = Database(new_postgresql())
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def hq_sqlite(tmp_path):
    """Every table of headquarters, empty."""
    database = Database(f"sqlite:///{tmp_path / 'hq.sqlite'}")
    metadata.create_all(database.engine)
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
    with database.writing() as session:
        for table in reversed(metadata.sorted_tables):
            session.execute(table.delete())

"""Databases of headquarters, each migrated as `doorman hq` does it."""

import uuid

import psycopg
import pytest
import sqlalchemy as sa

from core import migrate
from core.database import Database
from hq.wsgi import REVISIONS


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


@pytest.fixture(params=["sqlite", "postgresql"])
def hq_database(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'hq.sqlite'}")
    else:
        database = Database(request.getfixturevalue("new_postgresql")())
    migrate.upgrade(database, REVISIONS)
    yield database
    database.dispose()

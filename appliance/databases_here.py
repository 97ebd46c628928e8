"""The databases that one secrets file belongs to: the store's, and headquarters' if it is here."""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from core import database as databases
from core import database_form, migrate
from core.database import Database
from core.models import every as store_models
from core.settings import Settings
from hq import wsgi as hq_wsgi
from hq.models import every as hq_models


class Here(NamedTuple):
    name: str
    database: Database
    metadata: sa.MetaData


def opened(found: Settings, stack: contextlib.ExitStack) -> Iterator[Here]:
    """Those that are there; MigrationError if one is not of this version's form."""
    here = (
        ("store", found.database_url, migrate.STORE, store_models.metadata, "doorman migrate"),
        (
            "headquarters",
            hq_wsgi.database_url(found),
            hq_wsgi.REVISIONS,
            hq_models.metadata,
            "doorman hq stores",
        ),
    )
    for name, url, revisions, metadata, mend in here:
        if not databases.is_there(url):
            continue
        database = Database(url)
        stack.callback(database.dispose)
        if not migrate.is_current(database, revisions):
            raise database_form.MigrationError(f"a database has another version's form: {mend}")
        yield Here(name, database, metadata)

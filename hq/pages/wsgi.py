"""The fleet pages' WSGI entry: `gunicorn "hq.pages.wsgi:create()"`."""

from flask import Flask

import hq.wsgi
from core import log, secret_file, settings
from hq.pages.application import create_app
from hq.pages.parts import Parts


def create() -> Flask:
    """The fleet's pages as the settings describe them."""
    found = settings.load()
    log.configure(found.log_level)
    # Before the secrets: it makes the folder that they are in.
    database = hq.wsgi.open_database(found)
    return create_app(
        Parts(
            settings=found.hq.pages,
            database=database,
            sealer=hq.wsgi.open_sealer(found),
            form_key=secret_file.load_or_create(found.data_dir).form_key,
        )
    )

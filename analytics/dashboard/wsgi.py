"""The dashboard's WSGI entry: `gunicorn "analytics.dashboard.wsgi:create()"`."""

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import analytics.api.application
from analytics.api import document
from analytics.api.questions import Source
from analytics.dashboard import application
from analytics.dashboard.parts import Parts
from analytics.dashboard.preview import Preview
from core import database, log, secret_file, settings
from gate.client import GateClient


def create(preview: Preview | None = None) -> Flask:
    """The dashboard as the settings describe it; without `preview` it draws no campaigns."""
    found = settings.load()
    log.configure(found.log_level)
    secrets = secret_file.load_or_create(found.data_dir)
    return serve(
        Parts(
            settings=found,
            database=database.open_database(found),
            sealer=secret_file.open_sealer(found.data_dir),
            secrets=secrets,
            gate=GateClient(found.gate_socket),
            preview=preview,
        )
    )


def serve(parts: Parts) -> Flask:
    """Pages for people, and below `document.BASE` figures for programs."""
    pages = application.create_app(parts)
    figures = analytics.api.application.create_app(
        analytics.api.application.Parts(
            Source(parts.settings, parts.database, parts.clock), parts.sealer
        )
    )
    pages.wsgi_app = DispatcherMiddleware(  # type: ignore[method-assign]  # as Flask advises
        pages.wsgi_app, {document.BASE: figures}
    )
    return pages

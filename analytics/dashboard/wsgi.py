"""The dashboard's WSGI entry: `gunicorn "analytics.dashboard.wsgi:create()"`."""

from flask import Flask

from analytics.dashboard import application
from analytics.dashboard.parts import Parts
from core import database, log, secret_file, settings
from core.sealing import Sealer
from gate.client import GateClient


def create() -> Flask:
    found = settings.load()
    log.configure(found.log_level)
    secrets = secret_file.load_or_create(found.data_dir)
    return application.create_app(
        Parts(
            settings=found,
            database=database.open_database(found),
            sealer=Sealer(secrets.field_key),
            secrets=secrets,
            gate=GateClient(found.gate_socket),
        )
    )

"""What gunicorn starts: `gunicorn 'portal.wsgi:create()'`.

Safe with --preload: nothing here opens a connection, so that no two workers share one.
"""

from pathlib import Path

from flask import Flask

from core import clock, database, log, secret_file, settings
from core.headquarters_line import open_line
from core.mail import open_mail
from core.metrics import counted
from core.metrics.measured import Measured
from core.setting_groups.front import FrontServer
from core.settings import Settings
from gate.client import GateClient
from portal import counts
from portal.application import create_app
from portal.front import caller
from portal.front.caller import Caller
from portal.members import pushed_wording
from portal.neighbours import open_neighbours
from portal.parts import Parts
from portal.sms.carriers import open_carriers
from portal.wechat.relay import open_relay

TEXTS = Path(__file__).parent / "texts"


def create() -> Flask:
    """The portal as the settings describe it."""
    found = settings.load()
    log.configure(found.log_level)
    counts.begin()
    app = create_app(open_parts(found))
    if found.front.server is FrontServer.NGINX:
        front_uid = caller.uid_of(found.front.user)
        app.wsgi_app = Caller(app.wsgi_app, front_uid)  # type: ignore[method-assign]  # Flask's documented place for middleware
    app.wsgi_app = Measured(app.wsgi_app, "portal", "redirect")  # type: ignore[method-assign]  # as above
    return app


def open_parts(found: Settings) -> Parts:
    # Before the secrets: it makes the folder that they are in.
    opened = database.open_database(found)
    secrets = secret_file.load_or_create(found.data_dir)
    return Parts(
        settings=found,
        database=opened,
        sealer=secret_file.open_sealer(found.data_dir),
        secrets=secrets,
        gate=GateClient(found.gate_socket, told=counted.GATE_REQUESTS.add),
        neighbours=open_neighbours(found),
        sms=open_carriers(found.sms, open_line(found.headquarters, found.store.id)),
        texts=pushed_wording.texts(found, TEXTS),
        earlier_wording=pushed_wording.earlier(found, TEXTS, clock.now()),
        clock=clock.now,
        mail=open_mail(found.mail),
        wechat=open_relay(found),
    )

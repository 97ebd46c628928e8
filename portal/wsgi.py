"""What gunicorn starts: `gunicorn 'portal.wsgi:create()'`.

Safe with --preload: nothing here opens a connection, so that no two workers share one.
"""

from pathlib import Path

from flask import Flask

from core import clock, database, log, secret_file, settings, webhook_signature
from core.sealing import Sealer
from core.setting_groups.sms import SmsSettings
from core.settings import Settings, SettingsError
from core.texts import Texts
from gate.client import GateClient
from portal.application import create_app
from portal.neighbours import open_neighbours
from portal.parts import Parts
from portal.sms.shape import SmsProvider
from portal.sms.webhook import WebhookSms

TEXTS = Path(__file__).parent / "texts"


def create() -> Flask:
    """The portal as the settings describe it."""
    found = settings.load()
    log.configure(found.log_level)
    return create_app(open_parts(found))


def open_parts(found: Settings) -> Parts:
    # Before the secrets: it makes the folder that they are in.
    opened = database.open_database(found)
    secrets = secret_file.load_or_create(found.data_dir)
    return Parts(
        settings=found,
        database=opened,
        sealer=Sealer(secrets.field_key),
        secrets=secrets,
        gate=GateClient(found.gate_socket),
        neighbours=open_neighbours(found),
        sms=open_sms(found.sms),
        texts=Texts.load(TEXTS),
        clock=clock.now,
    )


def open_sms(found: SmsSettings) -> SmsProvider | None:
    """The carrier, or None if none is set; SettingsError if it is set halfway."""
    if not found.url:
        return None
    try:
        key = webhook_signature.read_key(found.signing_key.get_secret_value())
    except ValueError as error:
        raise SettingsError(
            f"sms.signing_key (or DOORMAN_SMS__SIGNING_KEY): sms.url needs one, and {error}"
        ) from None
    return WebhookSms(found.url, key)

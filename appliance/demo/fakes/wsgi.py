"""The demo's stand-ins for the outside world: a carrier of text messages and a CRM.

    gunicorn 'appliance.demo.fakes.wsgi:create()'

They keep what they get in a folder of their own, `DOORMAN_FAKES_DIR`, and share the
signing keys with the appliance through its settings.
"""

import os
from pathlib import Path

from flask import Flask, Response, render_template
from pydantic import SecretStr

from appliance.demo.fakes import crm_compare, crm_receiver, parts, sms_carrier
from appliance.demo.fakes.store import Store
from core import clock, settings, webhook_signature

FOLDER_VARIABLE = "DOORMAN_FAKES_DIR"
LIMITS_VARIABLE = "DOORMAN_FAKES_SMS_LIMITS"

_LARGEST_REQUEST_BYTES = 4_000_000


def create() -> Flask:
    """The application, from the environment.

    Raises:
        SettingsError: a key is missing or malformed; the message names it.
    """
    found = settings.load()
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        raise settings.SettingsError(f"{FOLDER_VARIABLE} must name a folder for the fakes")
    return application(
        parts.Parts(
            store=Store(Path(folder)),
            sms_key=_key("sms.webhook.signing_key", found.sms.webhook.signing_key),
            crm_key=_key("crm.signing_key", found.crm.signing_key),
            clock=clock.now,
            zone=found.store.zone,
            # So that a test may log in many times without waiting.
            sms_limits={} if os.environ.get(LIMITS_VARIABLE) == "off" else sms_carrier.LIMITS,
        )
    )


def application(made: parts.Parts) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST_BYTES
    app.extensions[parts.NAME] = made
    app.register_blueprint(sms_carrier.bp)
    app.register_blueprint(crm_receiver.bp)
    app.register_blueprint(crm_compare.bp)
    app.add_url_rule("/", "index", lambda: render_template("index.html"))
    app.after_request(_safely)
    return app


def _safely(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _key(name: str, text: SecretStr) -> bytes:
    try:
        return webhook_signature.read_key(text.get_secret_value())
    except ValueError as error:
        raise settings.SettingsError(f"{name}: {error}") from None

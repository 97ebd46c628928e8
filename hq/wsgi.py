"""What gunicorn starts: `gunicorn 'hq.wsgi:create()'`.

Safe with --preload: nothing here opens a connection, so that no two workers share one.
"""

import gc
from pathlib import Path

from flask import Flask

from core import clock, log, secret_file, settings
from core.database import Database
from core.metrics.measured import Measured
from core.sealing import Sealer
from core.setting_groups.hq import (
    HqSettings,
    MiniProgramSettings,
    OfficialAccountSettings,
    WebsiteAppSettings,
)
from core.setting_groups.sms import Carrier
from core.settings import Settings, SettingsError
from core.texts import Texts
from hq.application import create_app
from hq.parts import Parts
from hq.wechat.api import WechatApi
from hq.wechat.envelope import Envelope
from hq.wechat.tokens import App, Tokens
from hq.wechat.transport import Transport
from portal.sms.carriers import Carriers, open_carriers

TEXTS = Path(__file__).parent / "texts"
REVISIONS = Path(__file__).parent / "migrations" / "versions"


_UNFIT_CARRIERS = {Carrier.TWILIO, Carrier.HEADQUARTERS}


def create() -> Flask:
    """Headquarters' relay as the settings describe it."""
    found = settings.load()
    log.configure(found.log_level)
    app = create_app(open_parts(found))
    app.wsgi_app = Measured(app.wsgi_app, "hq", "unknown")  # type: ignore[method-assign]  # Flask's documented place for middleware
    # What is loaded stays: the collector need not go through it after every batch of events.
    gc.freeze()
    return app


def open_database(found: Settings) -> Database:
    found.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(database_url(found))


def database_url(found: Settings) -> str:
    return found.hq.database_url or f"sqlite:///{found.data_dir / 'hq.sqlite'}"


def open_sealer(found: Settings) -> Sealer:
    return secret_file.open_sealer(found.data_dir)


def open_parts(found: Settings) -> Parts:
    # Before the secrets: it makes the folder that they are in.
    database = open_database(found)
    sealer, ours = open_sealer(found), found.hq
    transport = Transport(ours.wechat_api_url, ours.wechat_timeout_s)
    return Parts(
        settings=ours,
        database=database,
        sealer=sealer,
        texts=Texts.load(TEXTS),
        clock=clock.now,
        wechat=WechatApi(transport, Tokens(database, sealer, transport, clock.now)),
        official_account=_app(ours.official_account),
        mini_program=_app(ours.mini_program),
        website=_app(ours.website),
        sms=_carriers(found),
        sms_limits=found.sms,
        countries=found.store.countries,
        envelope=_envelope(ours),
    )


def _carriers(found: Settings) -> Carriers | None:
    """Those that send the stores' codes: not one that makes codes itself, and not ourselves."""
    fit = tuple(each for each in found.sms.carriers if each not in _UNFIT_CARRIERS)
    return open_carriers(found.sms.model_copy(update={"carriers": fit}))


def _app(found: OfficialAccountSettings | MiniProgramSettings | WebsiteAppSettings) -> App | None:
    return App(found.app_id, found.secret.get_secret_value()) if found.app_id else None


def _envelope(found: HqSettings) -> Envelope | None:
    account = found.official_account
    keys = (account.encoding_key, account.former_encoding_key)
    texts = tuple(key.get_secret_value() for key in keys if key.get_secret_value())
    if not account.encoding_key.get_secret_value():
        return None
    try:
        return Envelope(account.app_id, texts)
    except ValueError as error:
        raise SettingsError(f"hq.official_account.encoding_key: {error}") from None

"""All that headquarters' relay needs, in one frozen object."""

import dataclasses
import datetime as dt
from collections.abc import Callable

from flask import current_app

from core.database import Database
from core.sealing import Sealer
from core.setting_groups.hq import HqSettings
from core.setting_groups.sms import SmsSettings
from core.texts import Texts
from hq.followers import Desk
from hq.wechat.api import WechatApi
from hq.wechat.envelope import Envelope
from hq.wechat.tokens import App
from portal.sms.carriers import Carriers

EXTENSION = "doorman_hq"


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    settings: HqSettings
    database: Database
    sealer: Sealer
    texts: Texts
    clock: Callable[[], dt.datetime]
    wechat: WechatApi
    official_account: App | None
    mini_program: App | None
    website: App | None
    sms: Carriers | None
    """None: headquarters sends no text messages."""
    sms_limits: SmsSettings
    countries: tuple[str, ...]
    """Whose mobile numbers may be sent codes."""
    envelope: Envelope | None
    """None: the callbacks come in plain text."""

    def desk(self, account: App) -> Desk:
        return Desk(account.app_id, self.sealer, self.texts)


def wired() -> Parts:
    parts: Parts = current_app.extensions[EXTENSION]
    return parts

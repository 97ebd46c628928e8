"""A relay in this process, with a store, a clock of ours and no WeChat outside."""

import datetime as dt
import json

import ulid

from core import headquarters, webhook_signature, wechat_relay
from core.setting_groups.hq import (
    HqSettings,
    MiniProgramSettings,
    OfficialAccountSettings,
    WebsiteAppSettings,
)
from core.setting_groups.sms import SmsSettings
from core.texts import Texts
from hq import stores, wsgi
from hq.application import create_app
from hq.parts import Parts
from hq.wechat.api import User
from hq.wechat.envelope import Envelope
from hq.wechat.tokens import App
from tests.fakes.wechat import server

PORTAL = "http://wifi.store.test:8080"
BACK = f"{PORTAL}/wechat/back"


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def pass_by(self, **span):
        self.now += dt.timedelta(**span)


class FakeWechat:
    """Answers what it is told to, or raises `error`."""

    def __init__(self):
        self.error = None
        self.user = User("o-alice", "u-alice")
        self.number = "+8613800138000"
        self.asked = 0

    def _answer(self, value):
        self.asked += 1
        if self.error:
            raise self.error
        return value

    def mini_program_user(self, _app, _code):
        return self._answer(self.user)

    def authorised_user(self, _app, _code):
        return self._answer(self.user)

    def phone(self, _app, _code):
        return self._answer(self.number)

    def follow_qr(self, _app, scene, lasts_s):
        return self._answer(f"http://weixin.test/q/{scene}/{lasts_s}")

    def url_link(self, _app, _path, _query, _version):
        return self._answer("https://wxaurl.test/x")

    def follower_unionid(self, _app, _openid):
        return self._answer("u-alice")


class Relay:
    """The application, and a store that asks it."""

    def __init__(self, database, sealer, now, **changes):
        self.database, self.sealer = database, sealer
        self.clock, self.wechat = Clock(now), FakeWechat()
        found = {
            "official_account": OfficialAccountSettings(
                app_id=server.OFFICIAL, secret="s", callback_token=server.TOKEN
            ),
            "mini_program": MiniProgramSettings(app_id=server.MINI_PROGRAM, secret="s"),
            "website": WebsiteAppSettings(app_id=server.WEBSITE, secret="s"),
            "public_url": "https://hq.test",
        }
        carriers, sms_limits = changes.pop("carriers", None), changes.pop("sms_limits", None)
        encoding_key = changes.pop("encoding_key", "")
        settings = HqSettings(**{**found, **changes})
        self.parts = Parts(
            settings=settings,
            database=database,
            sealer=sealer,
            texts=Texts.load(wsgi.TEXTS),
            clock=self.clock,
            wechat=self.wechat,
            official_account=_app(settings.official_account),
            mini_program=_app(settings.mini_program),
            website=_app(settings.website),
            sms=carriers,
            sms_limits=sms_limits or SmsSettings(),
            countries=("CN",),
            envelope=Envelope(server.OFFICIAL, (encoding_key,)) if encoding_key else None,
        )
        self.browser = create_app(self.parts).test_client()
        self.key = self.add_store("store-7", PORTAL)

    def add_store(self, name, *urls):
        with self.database.writing() as session:
            text = stores.add(session, self.sealer, name, list(urls), self.clock.now)
        return webhook_signature.read_key(text)

    def signed(self, to, store="store-7", key=None, **question):
        body = json.dumps({"to": to, **question}).encode()
        headers = webhook_signature.headers(key or self.key, str(ulid.ULID()), body, self.clock.now)
        return body, headers | {headquarters.STORE_HEADER: store}

    def ask(self, to, **question):
        body, headers = self.signed(to, **question)
        return self.browser.post(to, data=body, headers=headers)

    def begin(self, *ways, **changes):
        question = {
            "reference": "phone-1",
            "return_url": BACK,
            "language": "en",
            "ways": list(ways) or list(wechat_relay.Way),
        }
        return self.ask(wechat_relay.BEGIN, **{**question, **changes})


def _app(found):
    return App(found.app_id, "s") if found.app_id else None

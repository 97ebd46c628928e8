"""All pages that shoppers see, each at its heaviest: with messages, offers and faults."""

import dataclasses
import datetime as dt

from core.models.campaign import Spot
from core.setting_groups.plans import PassSettings
from core.setting_groups.store import StoreSettings
from core.setting_groups.wechat import WechatSettings
from core.wechat_relay import Way
from portal.clones import challenges
from portal.clones.challenges import Outcome
from tests.portal.other_ways import FakeMail, with_ways
from tests.portal.sequences.handsets import Iphone
from tests.portal.wechat.relays import FakeRelay


def generous(parts):
    """`parts` of a store that offers whatever can be offered."""
    settings = with_ways(parts.settings)
    store = StoreSettings(id="store-7", name="安福路店", countries=("CN", "HK", "JP", "KR"))
    passes = PassSettings(per_day=3)
    wechat = WechatSettings(ways=tuple(Way))
    others = {"store": store, "passes": passes, "wechat": wechat}
    settings = settings.model_copy(update=others)
    return dataclasses.replace(parts, settings=settings, mail=FakeMail(), wechat=FakeRelay())


def visited(phone, language, *, parts, gate, clock, marketing):
    """Each page's name, and the answer that showed it."""
    speaker = _Speaker(phone, language)
    marketing.campaign(
        spot=Spot.FIRST,
        heading="春日新品上市，第二件半价",
        line="到店试穿即赠小礼",
        link="https://shop.example",
    )
    marketing.welcome()
    marketing.survey()
    yield from _ways(speaker)
    yield from _to_the_internet(speaker, gate)
    yield from _my_data(speaker, clock)
    yield from _on_hold(speaker, parts, gate, clock)
    yield "do not count", speaker.get("/do-not-count")
    speaker.post("/do-not-count")
    yield "left out", speaker.get("/do-not-count")
    yield "missing", speaker.get("/nowhere")


_BROWSERS = {
    "phone": Iphone.agent,
    "inside": f"{Iphone.agent} MicroMessenger/8.0.50",
    "laptop": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0",
}


class _Speaker:
    """A phone in one language."""

    def __init__(self, phone, language):
        self.phone, self.language = phone, language

    def get(self, path, **headers):
        return self.phone.get(path, Accept_Language=self.language, **headers)

    def post(self, path, headers=None, **form):
        return self.phone.post(path, headers, lang=self.language, **form)

    def code(self):
        return self.phone.carrier.code


def _ways(phone):
    yield "first", phone.get("/")
    phone.post("/pass")
    yield "pass", phone.get("/pass")
    phone.post("/wechat", {"User-Agent": Iphone.agent}, terms="yes")
    for name, agent in _BROWSERS.items():
        yield f"wechat, {name}", phone.get("/wechat", User_Agent=agent)
    yield "wechat, pass", phone.get("/pass")
    yield "email", phone.post("/email", email="x")
    yield "voucher", phone.post("/voucher", voucher="7KQ4M2XP", terms="yes")
    yield "guest", phone.post("/guest")
    phone.post("/guest", sponsor="小王", terms="yes")
    yield "waiting", phone.get("/guest")
    yield "notice", phone.get("/privacy")


def _to_the_internet(phone, gate):
    yield "faults", phone.post("/login", phone="1", terms="")
    phone.post("/login", phone="13800138000", terms="yes")
    yield "code", phone.post("/code", code="1")
    yield "sent again", phone.get("/code?sent=again")
    phone.post("/code", code=phone.code())
    yield "consent", phone.get("/consent")
    gate.down = True
    yield "connect", phone.post("/consent", membership="yes", marketing="yes")
    gate.down, gate.sort = False, "recording"
    phone.post("/connect")
    yield "online", phone.get("/online")


def _my_data(phone, clock):
    yield "my data, asked", phone.post("/my-data/proof", phone="1")
    yield "my data, asked for an address", phone.post("/my-data/proof", email="x")
    for name, agent in _BROWSERS.items():
        phone.post("/my-data/wechat", {"User-Agent": agent})
        yield f"wechat for my data, {name}", phone.get("/my-data/wechat", User_Agent=agent)
    clock.pass_by(minutes=2)
    phone.post("/my-data/proof", email="alice@example.com")
    yield "my data, code in a mail", phone.post("/my-data/code", code="1")
    phone.post("/my-data/proof", phone="13800138000")
    yield "my data, code", phone.post("/my-data/code", code="1")
    phone.post("/my-data/code", code=phone.code())
    shown = phone.get("/my-data")
    yield "my data", shown
    wording = shown.text.partition("/my-data/wording/")[2][:16]
    yield "wording", phone.get(f"/my-data/wording/{wording}")
    yield "withdraw", phone.get("/my-data/withdraw/marketing")
    yield "new number", phone.get("/my-data/number")
    yield "new address", phone.get("/my-data/email")
    yield "erase", phone.get("/my-data/erase")


def _on_hold(phone, parts, gate, clock):
    gate.sort = "nftables"
    clock.pass_by(hours=1)
    mac = phone.phone.mac
    outcome = challenges.challenge(parts.database, parts.sealer, gate, mac, most=3, now=clock.now)
    assert outcome is Outcome.CHALLENGED
    yield "challenge", phone.get("/challenge")
    assert phone.post("/challenge").location.startswith("/code")
    yield "code of a challenge", phone.get("/code")
    clock.now += dt.timedelta(days=1)
    yield "farewell", phone.get("/")

"""Each login by WeChat from the portal's button to the consents: the portal's application, the
relay under real gunicorn, a strict WeChat, all speaking HTTP. In a browser: tests/lab.
"""

import html
import re
from urllib.parse import urlsplit

import httpx
import pytest

from core import clock
from core.models.login import Login
from core.setting_groups.wechat import WechatSettings
from core.wechat_relay import Way
from portal.wechat.relay import open_relay
from tests.fakes.wechat.callbacks import TLS
from tests.fakes.wechat.server import ENCODING_KEY, MINI_PROGRAM, OFFICIAL
from tests.hq.headquarters import Headquarters, store_settings
from tests.portal.conftest import URL
from tests.portal.sequences.handsets import Iphone

IPHONE = {"User-Agent": Iphone.agent}
INSIDE = {"User-Agent": f"{Iphone.agent} MicroMessenger/8.0.50"}
LAPTOP = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0.0.0"}


@pytest.fixture(scope="module")
def headquarters(tmp_path_factory):
    with Headquarters(tmp_path_factory.mktemp("hq"), encoding_key=ENCODING_KEY) as running:
        yield running


@pytest.fixture(scope="module")
def relay(headquarters):
    key = headquarters.add_store("store-7", URL)
    return open_relay(store_settings(headquarters.url, key))


@pytest.fixture
def phone(parts, join_with, relay):
    wechat = WechatSettings(ways=tuple(Way))
    settings = parts.settings.model_copy(update={"wechat": wechat})
    # Headquarters has the real clock.
    return join_with(settings=settings, wechat=relay, clock=clock.now)


def begin(phone, agent, path="/wechat"):
    assert phone.post(path, agent, terms="yes").location == path
    return phone.get(path, User_Agent=agent["User-Agent"]).text


def href(page, name):
    return html.unescape(re.search(rf'id="{name}" href="([^"]+)"', page)[1])


def follow_back(phone, address, agent):
    """The browser is led back to the portal."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == URL
    return phone.get(f"{parts.path}?{parts.query}", User_Agent=agent["User-Agent"])


def fetch(url):
    return httpx.get(url.partition("#")[0], timeout=30, trust_env=False, verify=TLS)


def allowed_on_a_laptop(headquarters, away, name):
    """Where WeChat's page leads back to, once its code was scanned."""
    page = fetch(href(away, "website"))
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    form = {name: html.unescape(value) for name, value in fields.items()} | {"as": name}
    url = f"{headquarters.wechat.url}/connect/qrconnect/allow"
    allowed = httpx.post(url, data=form, timeout=30, trust_env=False, verify=TLS)
    return fetch(allowed.headers["location"]).headers["location"]


def test_the_mini_program(phone, headquarters):
    headquarters.wechat.order("person/meixiang", phone="13912345678")
    scheme = href(begin(phone, IPHONE), "mini-program")
    login_id = re.search("login%3D([0-9a-f]+)", scheme)[1]
    assert phone.get("/wechat").status_code == 200

    form = {"login": login_id, "appid": MINI_PROGRAM, "as": "meixiang"}
    url = f"{headquarters.wechat.url}/client/mini-program"
    httpx.post(url, data=form, timeout=30, trust_env=False, verify=TLS)

    assert phone.get("/wechat").location == "/consent"
    assert phone.post("/consent", membership="yes").location == "/online"


def test_following_the_account(phone, headquarters, parts, rows, relay):
    begin(phone, IPHONE)
    offer = parts.wechat_desk.offer_of(rows(Login)[-1], clock.now())
    reply = headquarters.wechat.follow(offer.follow_qr, "bob")["reply"]
    link = html.unescape(re.search(r'href="([^"]+)"', reply)[1])

    assert 'id="followed"' in phone.get("/wechat", User_Agent=Iphone.agent).text
    assert follow_back(phone, link, INSIDE).location == "/"
    phone.verify()
    assert phone.post("/consent", membership="yes").location == "/online"

    headquarters.wechat.order(f"unfollow/{OFFICIAL}/bob")
    [gone] = relay.withdrawals([], clock.now())
    assert gone.openid == headquarters.wechat.ids(OFFICIAL, "bob")["openid"]


def test_inside_wechat(phone, headquarters):
    url = href(begin(phone, INSIDE), "oauth")
    answer = fetch(headquarters.wechat.authorise(url, "dave"))

    assert follow_back(phone, answer.headers["location"], INSIDE).location == "/"


def test_a_snapshot_leads_back_to_the_button(phone, headquarters):
    headquarters.wechat.order("person/erin", is_snapshot=True)
    url = href(begin(phone, INSIDE), "oauth")
    page = fetch(headquarters.wechat.authorise(url, "erin"))
    assert page.status_code == 403

    back = f"{URL}/wechat/back"
    assert f'href="{back}"' in page.text
    assert follow_back(phone, back, INSIDE).location == "/wechat"


def test_on_a_laptop(phone, headquarters):
    back = allowed_on_a_laptop(headquarters, begin(phone, LAPTOP), "frank")

    assert follow_back(phone, back, LAPTOP).location == "/"


def test_my_data_inside_wechat(phone, headquarters):
    url = href(begin(phone, INSIDE, "/my-data/wechat"), "oauth")
    answer = fetch(headquarters.wechat.authorise(url, "grace"))

    back = answer.headers["location"]
    assert back.startswith(f"{URL}/my-data/wechat/back?")
    assert follow_back(phone, back, INSIDE).location == "/my-data"
    assert 'id="close"' in phone.get("/my-data").text


def test_my_data_on_a_laptop(phone, headquarters):
    away = begin(phone, LAPTOP, "/my-data/wechat")
    back = allowed_on_a_laptop(headquarters, away, "heidi")

    assert follow_back(phone, back, LAPTOP).location == "/my-data"
    assert 'id="close"' in phone.get("/my-data").text

"""Each login by WeChat in a browser, in the shop: headquarters and a strict WeChat are in the
internet, and reached by a temporary pass. The sheet is closed in mid-login and opened again.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from core import clock, secret_file
from core.database import Database
from core.models.login import Login
from core.setting_groups.wechat import WechatSettings
from core.wechat_relay import Way
from portal.wechat.desk import WechatDesk
from tests.lab.shop import PORTAL_URL, Shop
from tests.lab.test_login import newest_code
from tests.lab.uplink import WEB_NAME
from tests.lab.wechat import HQ_URL, STORE, WECHAT_URL, Headquarters

pytestmark = pytest.mark.browser

INSIDE = ("iPhone 14", "zh-CN", "MicroMessenger/8.0.50")


@pytest.fixture(scope="module")
def shop():
    """A second one, with headquarters."""
    missing = [name for name in ("nft", "dnsmasq") if not shutil.which(name)]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"not installed: {', '.join(missing)}" if missing else "not root")
    authority = trustme.CA()
    with (
        tempfile.TemporaryDirectory(prefix="doorman-hq-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        authority.cert_pem.write_to_path(f"{folder}/ca.pem")
        patch.setenv("SSL_CERT_FILE", f"{folder}/ca.pem")
        headquarters = Headquarters(Path(folder, "hq"), authority)
        settings = {
            "STORE__ID": STORE,
            "HEADQUARTERS__URL": HQ_URL,
            "HEADQUARTERS__KEY": headquarters.add_store(),
            "WECHAT__WAYS": json.dumps(list(Way)),
        }
        with Shop(Path(folder), settings) as shop:
            headquarters.start(shop.internet)
            yield shop


def begin(browser):
    browser.open(f"http://{WEB_NAME}/")
    browser.tick("#terms")
    browser.press("#wechat")
    assert browser.address.startswith(f"{PORTAL_URL}/wechat")


def be(browser, name):
    """This browser is WeChat's, and its owner is called `name`."""
    browser.open(f"{WECHAT_URL}/client/be/{name}")


def give_number(shop, browser):
    """What an openid leaves to do."""
    assert browser.text("#needs-number")
    number = f"1390013{len(shop.messages()):04}"
    browser.fill("#phone", number)
    browser.press("#next")
    browser.fill("#code", newest_code(shop, number))
    browser.press("#next")


def go_online(shop, phone, browser):
    assert phone.mac not in shop.gate.online()
    browser.press("#go-online")
    assert browser.text("#online")
    assert phone.mac in shop.gate.online()


def offer(shop):
    """What the newest login shows. Browsers draw its code, and cannot say what is in it."""
    data = shop.folder / "data"
    database, sealer = Database(f"sqlite:///{data}/doorman.sqlite"), secret_file.open_sealer(data)
    with database.reading() as session:
        login = session.query(Login).order_by(Login.id.desc()).first()
    database.dispose()
    return WechatDesk(WechatSettings(), ("CN",), sealer).offer_of(login, clock.now())


def test_the_mini_program(shop, phone, open_browser):
    sheet = open_browser("iPhone 14", "zh-CN")
    begin(sheet)
    scheme = sheet.attribute("#mini-program", "href")
    sheet.close()

    wechat = open_browser(*INSIDE)
    be(wechat, "meixiang")
    wechat.open(f"{WECHAT_URL}/client/scan?url={quote(scheme, safe='')}")
    assert wechat.text("#match") == offer(shop).match_code
    wechat.press("#phone")
    assert wechat.text("#result") == "proved"

    # Opened anew, in whichever browser: the phone is known by its address.
    wechat.open(f"http://{WEB_NAME}/")
    go_online(shop, phone, wechat)


def test_following_the_account(shop, phone, open_browser):
    sheet = open_browser("iPhone 14", "zh-CN")
    begin(sheet)
    assert sheet.attribute("#code", "src").startswith("data:image/svg+xml")
    code = offer(shop).follow_qr
    sheet.close()

    wechat = open_browser(*INSIDE)
    be(wechat, "bob")
    wechat.open(f"{WECHAT_URL}/client/scan?url={quote(code, safe='')}")
    wechat.press("#follow")
    wechat.press("#chat a")
    give_number(shop, wechat)
    go_online(shop, phone, wechat)


def test_inside_wechat(shop, phone, open_browser):
    wechat = open_browser(*INSIDE)
    begin(wechat)
    be(wechat, "dave")
    wechat.open(f"{PORTAL_URL}/")
    wechat.press("#oauth")
    give_number(shop, wechat)
    go_online(shop, phone, wechat)


def test_on_a_laptop(shop, phone, open_browser):
    laptop = open_browser("Desktop Chrome", "en")
    begin(laptop)
    laptop.press("#website")
    laptop.press("#allow")
    give_number(shop, laptop)
    go_online(shop, phone, laptop)

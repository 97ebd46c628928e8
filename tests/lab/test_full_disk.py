"""A full disk, with the real programs: who is online stays so, nobody comes in by halves."""

import http.client
import os
import shutil
import sys
import tempfile
import urllib.parse
from pathlib import Path

import pytest
import sqlalchemy as sa

from analytics.dashboard import accounts
from appliance.doctor import disk as doctors_disk
from appliance.doctor.machine import Machine
from core.database import Database
from core.models.consent import Consent
from core.models.grant import Grant
from core.models.login import Login
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.models.portal_day import PortalDay
from core.settings import Settings
from tests.conftest import NOON
from tests.disk import Disk
from tests.lab import network
from tests.lab.namespace import Namespace
from tests.lab.phone import Phone
from tests.lab.shop import PORTAL_NAME, PORTAL_PORT, Shop
from tests.lab.test_login import newest_code
from tests.lab.uplink import wait_for, wait_for_answer

DASHBOARD_PORT = 8081
WITHIN_S = 20
SIGNING_IN = {"name": "lin", "password": "correct horse battery"}
# In the languages of the shop's people: what a phone is shown, and what the dashboard.
SORRY = {"zh-CN": ("出了点问题", "操作没有成功"), "en": ("Something went wrong", "did not work")}
ROWS = (Member, Login, Consent, Grant, OutboxEvent)


class Visitor:
    """Somebody's browser: keeps cookies, and says so if it is of a phone."""

    def __init__(self, here, address, port, host):
        self._here, self._place, self._host = here, (address, port), host
        self._cookie = ""

    def ask(self, method, path, language="en", **form):
        """Status, where it leads, and the page."""
        headers = {
            "Host": self._host,
            "Origin": f"http://{self._host}",
            "Accept-Language": language,
            "Accept": "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self._cookie,
            "Connection": "close",
        }

        def call():
            connection = http.client.HTTPConnection(*self._place, timeout=WITHIN_S)
            connection.request(method, path, urllib.parse.urlencode(form) or None, headers)
            with connection.getresponse() as answer:
                self._cookie = (answer.headers["Set-Cookie"] or self._cookie).partition(";")[0]
                return answer.status, answer.headers["Location"], answer.read().decode()

        return self._here.call(call)

    def go(self, method, path, leads_to, **form):
        status, place, page = self.ask(method, path, **form)
        assert (status, place) == (303, leads_to), page


def shopper(phone):
    return Visitor(phone.here, network.GATEWAY[4], PORTAL_PORT, f"{PORTAL_NAME}:{PORTAL_PORT}")


def log_in(shop, visitor, number):
    """Up to the page that asks for consents."""
    visitor.go("POST", "/login", "/code", phone=number, terms="yes")
    visitor.go("POST", "/code", "/consent", code=newest_code(shop, number))


class Store:
    def __init__(self, shop, disk):
        self.shop, self._filler = shop, disk.place / "filler"
        self.settings = Settings(data_dir=disk.place)
        self.database = Database(self.settings.database_url)

    def fill(self):
        with self._filler.open("wb") as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
                file.flush()

    def make_room(self):
        self._filler.unlink()

    def rows(self):
        with self.database.reading() as session:
            assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
            return {
                each: session.scalar(sa.select(sa.func.count()).select_from(each)) for each in ROWS
            }

    def counted_days(self):
        """What jobs write as long as they can."""
        with self.database.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(PortalDay))

    def visit_dashboard(self):
        place = ("127.0.0.1", DASHBOARD_PORT)
        wait_for_answer(self.shop.gateway, self.log("dashboard"), place)
        return Visitor(self.shop.gateway, *place, f"127.0.0.1:{DASHBOARD_PORT}")

    def start(self, program):
        command = [Path(sys.executable).with_name("doorman"), program]
        self.shop.gateway.start(command, self.log(program), self.shop._environment)

    def log(self, program):
        return self.shop.folder / f"{program}.log"


@pytest.fixture
def store():
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("not root: cannot make network namespaces and disks")
    with (
        tempfile.TemporaryDirectory(prefix="doorman-disk-") as folder,
        Disk(Path(folder, "data"), 32) as disk,
        Shop(
            Path(folder),
            {"DASHBOARD__PORT": DASHBOARD_PORT, "JOBS__ROLL_UP_EVERY_S": 1},
        ) as shop,
    ):
        store = Store(shop, disk)
        store.start("dashboard")
        yield store
        store.database.dispose()


@pytest.fixture
def phone(store):
    phone = Phone(store.shop)
    phone.join()
    return phone


@pytest.fixture
def neighbour(store):
    with Namespace(f"{store.shop.gateway.name}-neighbour") as place:
        network.plug(store.shop.gateway, "lan2", place)
        neighbour = Phone(store.shop, place)
        neighbour.join()
        yield neighbour


def test_who_is_online_stays_so_and_nobody_comes_in_by_halves(store, phone, neighbour):
    shop, first, second = store.shop, shopper(phone), shopper(neighbour)
    log_in(shop, first, "13800130001")
    first.go("POST", "/consent", "/online", membership="yes")
    log_in(shop, second, "13800130002")
    accounts.add(store.database, *SIGNING_IN.values(), NOON)
    reader, manager = store.visit_dashboard(), store.visit_dashboard()
    reader.go("POST", "/sign-in", "/", **SIGNING_IN)

    store.fill()
    before = store.rows()
    with phone.download(4) as download:
        # The firewall as after a power cut; and jobs begin on a full disk.
        assert not phone.falls_silent(download, within_s=0.2)
        shop.gateway.run("nft", "delete", "table", "inet", "doorman")
        shop.load_ruleset()
        store.start("jobs")
        wait_for(store.log("jobs"), lambda: phone.mac in shop.gate.online())
    assert phone.get(6).status == 200
    assert first.ask("GET", "/online")[0] == 200
    for language, (sorry, no) in SORRY.items():
        for path, form in (("/consent", {}), ("/login", {"phone": "13800130003", "terms": "yes"})):
            status, _, page = second.ask("POST", path, language, **form)
            assert (status, sorry in page) == (500, True), page
        status, _, page = manager.ask("POST", "/sign-in", language, **SIGNING_IN)
        assert (status, no in page) == (500, True), page
    assert reader.ask("GET", "/")[0] == 200
    assert shop.gate.online().keys() == {phone.mac}
    assert neighbour.get(4).status == 302
    assert store.rows() == before
    told = doctors_disk.examine(store.settings, Machine())
    assert "the disk of data_dir has only 0 MiB free" in [each.text for each in told]
    wait_for(store.log("jobs"), lambda: "job failed" in store.log("jobs").read_text())
    assert store.counted_days() == 0

    store.make_room()
    second.go("POST", "/consent", "/online", membership="yes")
    assert neighbour.get(4).status == 200
    manager.go("POST", "/sign-in", "/", **SIGNING_IN)
    wait_for(store.log("jobs"), store.counted_days)
    assert store.rows()[Consent] == 2 * before[Consent]

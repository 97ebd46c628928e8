"""A portal whose carrier, gate and clock are ours, and phones to knock at it."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import pytest

import portal
from core import outbox
from core.events import contract
from core.models.outbox_event import OutboxEvent
from core.setting_groups.portal import PortalSettings
from core.setting_groups.store import StoreSettings
from core.texts import Texts
from gate.client import GateUnavailableError, Online
from portal.application import create_app
from portal.neighbours import LoopbackNeighbours
from portal.parts import Parts
from portal.sms.carriers import Carriers
from tests.portal.marketing import Marketing

NUMBER = "13800138000"
OTHER_NUMBER = "13912345678"
URL = "http://wifi.example"


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def pass_by(self, **span):
        self.now += dt.timedelta(**span)


class FakeCarrier:
    """Keeps what it is given; refuses with `error` while that is set."""

    def __init__(self):
        self.sent = []
        self.error = None

    def send(self, message, _now):
        if self.error:
            raise self.error
        self.sent.append(message)
        return "message-1"

    @property
    def code(self):
        return self.sent[-1].code


class FakeGate:
    """Knows who is let in, and in which order it was asked what."""

    def __init__(self):
        self.sort = "nftables"
        self.calls = []
        self.inside = {}
        self.passing = {}
        self.limits = {}
        self.down = False
        self.error = None

    def _asked(self, *call):
        if self.down:
            raise GateUnavailableError("no answer from the gate")
        if self.error:
            raise self.error
        self.calls.append(call)

    def admit(self, mac, seconds, limits):
        assert isinstance(seconds, int)
        assert seconds > 0
        self._asked("admit", mac, seconds)
        self.inside[mac] = seconds
        self.limits[mac] = limits
        self.passing.pop(mac, None)

    def give_pass(self, mac, seconds, limits):
        assert isinstance(seconds, int)
        assert seconds > 0
        self._asked("give_pass", mac, seconds, limits)
        self.passing[mac] = seconds
        self.inside.pop(mac, None)

    def revoke(self, mac):
        self._asked("revoke", mac)
        self.inside.pop(mac, None)
        self.passing.pop(mac, None)

    def find(self, mac):
        if self.down:
            raise GateUnavailableError("no answer from the gate")
        return Online(self.inside[mac], 0, 0) if mac in self.inside else None

    def online(self):
        if self.down:
            raise GateUnavailableError("no answer from the gate")
        return {mac: Online(seconds, 0, 0) for mac, seconds in self.inside.items()}

    def kind(self):
        return self.sort


class Phone:
    """A shopper's phone, without cookies. Every one has an address of its own."""

    def __init__(self, app, address, carrier):
        self.address = address
        self.carrier = carrier
        self._client = app.test_client(use_cookies=False)

    @property
    def mac(self):
        return LoopbackNeighbours().mac_of(self.address)

    def get(self, path, **headers):
        return self._open("GET", path, headers)

    def post(self, path, headers=None, **form):
        return self._open("POST", path, headers or {}, form)

    def _open(self, method, path, headers, form=None):
        return self._client.open(
            path,
            method=method,
            base_url=URL,
            data=form,
            # Else a file that is served stays open.
            buffered=True,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            environ_overrides={"REMOTE_ADDR": self.address},
        )

    def ask_code(self, number=NUMBER, **form):
        return self.post("/login", phone=number, terms="yes", **form)

    def enter_code(self, code=None):
        return self.post("/code", code=code or self.carrier.code)

    def verify(self, number=NUMBER):
        assert self.ask_code(number).location == "/code"
        assert self.enter_code().location == "/consent"

    def go_online(self, number=NUMBER, **boxes):
        self.verify(number)
        assert self.post("/consent", **boxes).location == "/online"

    def api(self):
        return self.get("/captive-portal/api").get_json(force=True)


@pytest.fixture
def clock(now):
    return Clock(now)


@pytest.fixture
def carrier():
    return FakeCarrier()


@pytest.fixture
def gate():
    return FakeGate()


@pytest.fixture(scope="session")
def texts():
    return Texts.load(Path(portal.__file__).parent / "texts")


@pytest.fixture
def parts(settings, database, sealer, secrets, gate, carrier, texts, clock):  # noqa: PLR0917 - fixtures are passed by name
    ours = settings.model_copy(
        update={
            "store": StoreSettings(id="store-7", name="安福路店"),
            "portal": PortalSettings(url=URL),
        }
    )
    sms = Carriers({"webhook": carrier}, {})
    return Parts(ours, database, sealer, secrets, gate, LoopbackNeighbours(), sms, texts, clock)


@pytest.fixture
def app(parts):
    return create_app(parts)


@pytest.fixture
def join(app, carrier):
    """Another phone: `join("127.0.0.2")`."""
    return lambda address: Phone(app, address, carrier)


@pytest.fixture
def phone(join):
    return join("127.0.0.1")


@pytest.fixture
def rows(database):
    """All rows of a table: `rows(Grant)`."""

    def read(model):
        with database.reading() as session:
            return list(session.query(model).order_by(model.id))

    return read


@pytest.fixture
def join_with(parts, carrier):
    """A phone at a portal of which some parts are others: `join_with(sms=None)`."""
    return lambda **others: Phone(
        create_app(dataclasses.replace(parts, **others)), "127.0.0.1", carrier
    )


@pytest.fixture
def marketing(database, clock):
    return Marketing(database, clock)


@pytest.fixture
def news(database, sealer):
    """What the CRM will hear: `news(EventType.COUPON_ISSUED)`, each held to its contract."""

    def read(kind):
        with database.reading() as session:
            rows = session.query(OutboxEvent).filter_by(type=kind.value).order_by(OutboxEvent.id)
            found = [json.loads(sealer.open(outbox.DATA, row.sealed_data)) for row in rows]
        for data in found:
            contract.DATA[kind].model_validate_json(json.dumps(data))
        return found

    return read

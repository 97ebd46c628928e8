"""What the access log gets to know of phones that are on the network of another gateway."""

import dataclasses
import datetime as dt
import logging

import pytest

from access_log import sessions
from access_log.sessions import Query
from appliance import access_log_jobs, job_table
from core import clock
from core.mac import Mac
from core.models.grant import Grant
from core.session_records import granted
from core.setting_groups.network import GateKind
from core.setting_groups.portal import NeighboursKind
from gate.client import GateClient
from gate.shape import Limits
from tests import running_grant
from tests.fakes.unifi import ACCESS_POINT
from tests.gate.conftest import serving
from tests.gear.conftest import ALICE, AT, BERT, OTHER
from tests.gear.radius import test_presence
from tests.gear.radius.test_driver import store, store_of

__all__ = ["store", "store_of"]

V6, NEXT_POINT = "2001:db8::7", "f0:9f:c2:00:00:02"
FIND = "find phones by their addresses"


@pytest.fixture
def parts(settings, database, sealer, tmp_path):
    """Of a store with another gateway, where Alice has a grant and Bert has none."""

    def of(kind):
        gate = settings.gate.model_copy(update={"kind": kind})
        portal = settings.portal.model_copy(update={"neighbours": NeighboursKind.REDIRECT})
        found = settings.model_copy(update={"gate": gate, "portal": portal})
        client = GateClient(tmp_path / "gate.sock", timeout_s=20)
        return job_table.Parts(found, database, sealer, gate=client, crm=None)

    now = clock.now()
    number = running_grant.give(database, sealer, Mac.parse(ALICE), now)
    with database.writing() as session:
        granted(session, sealer, session.get_one(Grant, number), now)
    return of


def new_job():
    """As it is when jobs are started."""
    return next(run for name, _, run in access_log_jobs.turns() if name == FIND)


def logged(parts):
    """Where the access log says that its one session was, in how many rows."""
    now = clock.now()
    span = Query(since=now - dt.timedelta(hours=1), until=now + dt.timedelta(hours=1))
    with parts.database.reading() as session:
        (row,) = sessions.find(session, parts.sealer, span)
    assert row["mac"] == ALICE
    told = [row[name] for name in ("lan_ipv4", "lan_ipv6", "port", "access_point")]
    return told, len(row["records"])


@dataclasses.dataclass
class Unifi:
    """A store with a console, and its guests."""

    gate: object
    console: object
    kind: GateKind = GateKind.UNIFI

    def see(self, mac, address, *, ipv6=(), point=ACCESS_POINT):
        self.console.connect(mac, address, ipv6=ipv6, access_point=point)
        self.gate.read()


@dataclasses.dataclass
class Radius:
    """A store with a gateway that speaks RADIUS, and its guests."""

    store: object
    kind: GateKind = GateKind.RADIUS

    @property
    def gate(self):
        return self.store.gate

    def see(self, mac, address, *, ipv6=(), point=ACCESS_POINT):
        if self.store.memory.place(mac, "ac1") is None:
            self.store.ask(mac)
        said = {"Framed_IP_Address": address, "Framed_IPv6_Address": list(ipv6)}
        test_presence.tell(self.store, mac, "Interim-Update", point=point, **said)


@pytest.fixture(params=["unifi", "radius"])
def shop(request):
    if request.param == "radius":
        return Radius(request.getfixturevalue("store"))
    return Unifi(request.getfixturevalue("gate"), request.getfixturevalue("console"))


def test_a_guests_addresses_and_access_point_are_in_the_rows_of_its_session(
    shop, parts, tmp_path, caplog
):
    ours, find = parts(shop.kind), new_job()
    shop.gate.admit(ALICE, 3600, Limits())
    shop.gate.admit(BERT, 3600, Limits())
    with serving(tmp_path / "gate.sock", shop.gate, takes_turns=False):
        find(ours)
        assert logged(ours) == ([[], [], [], []], 1)

        shop.see(ALICE, AT, ipv6=[V6])
        shop.see(BERT, OTHER)
        for _ in range(2):
            find(ours)
        assert logged(ours) == ([[AT], [V6], [], [ACCESS_POINT]], 2)

        shop.see(ALICE, AT, point=NEXT_POINT)
        find(ours)
        assert logged(ours) == ([[AT], [V6], [], [ACCESS_POINT, NEXT_POINT]], 3)
    assert caplog.records == []


def test_a_guest_whose_gateway_tells_nothing_of_it_has_no_row_of_that(shop, parts, tmp_path):
    ours = parts(shop.kind)
    shop.gate.admit(ALICE, 3600, Limits())
    shop.see(ALICE, "", point="")
    with serving(tmp_path / "gate.sock", shop.gate, takes_turns=False):
        new_job()(ours)

    assert logged(ours) == ([[], [], [], []], 1)


def test_a_gate_that_cannot_tell_is_spoken_of_once(gate_of, console, parts, tmp_path, caplog):
    caplog.set_level(logging.INFO, "gate")
    ours, find, silent = parts(GateKind.UNIFI), new_job(), gate_of(console)
    with serving(tmp_path / "gate.sock", silent, takes_turns=False):
        for _ in range(3):
            find(ours)
        silent.read()
        find(ours)

    assert [record.getMessage() for record in caplog.records if record.name == "jobs"] == [
        "no look at the addresses of phones"
    ]
    assert [record.getMessage() for record in caplog.records if record.name == "gate"] == [
        "gate failed",
        "gate works again",
    ]

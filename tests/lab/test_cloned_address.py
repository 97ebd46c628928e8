"""Two devices under one hardware address, on two ports of the bridge; and one that is honest."""

import contextlib
import secrets
import time
from pathlib import Path

import pytest

from core import clock, secret_file
from core.database import Database
from core.mac import Mac
from core.models.grant import Grant
from portal.clones.challenges import Outcome
from portal.clones.clone_patrol import Patrol
from portal.neighbours import KernelNeighbours
from tests import running_grant
from tests.lab import network
from tests.lab.phone import Phone

_WITHIN_S = 60
_HONEST_S = 9
_QUESTION = bytes.fromhex("1234010000010000000000000377777704746573740000010001")


class TableOf:
    """The neighbours as the gateway's kernel knows them."""

    def __init__(self, shop):
        self._shop = shop

    def confirmations(self):
        return self._shop.gateway.call(KernelNeighbours("br-lan").confirmations)


@pytest.fixture
def quick_kernel(shop):
    """A neighbour is asked for again after a second or two, not after half a minute."""
    usual = {"base_reachable_time_ms": 30000, "delay_first_probe_time": 5}

    def set_to(values):
        for name, value in values.items():
            shop.gateway.run("sysctl", "-qw", f"net.ipv4.neigh.br-lan.{name}={value}")

    set_to({"base_reachable_time_ms": 2000, "delay_first_probe_time": 1})
    yield
    set_to(usual)


@pytest.fixture
def database(shop):
    database = Database(f"sqlite:///{shop.folder / 'data' / 'doorman.sqlite'}")
    yield database
    database.dispose()


@pytest.fixture
def patrol(shop, database):
    data_dir = shop.folder / "data"
    sealer = secret_file.open_sealer(data_dir)
    patrol = Patrol(database, sealer, shop.gate, TableOf(shop), data_dir, most=3)
    # What earlier phones have left behind.
    patrol.turn(clock.now())
    return patrol


@pytest.fixture
def granted(shop, patrol, database, phone):
    """A phone that is online by a grant of its own."""
    running_grant.give(database, patrol.sealer, Mac.parse(phone.mac), clock.now())
    shop.gate.admit(phone.mac, 600)
    return phone


@pytest.fixture
def clone(shop, granted, neighbour):
    clone = Phone(shop, neighbour.here)
    clone.mac = granted.mac
    clone.join()
    return clone


def lease(phone, *options):
    script = Path(__file__).with_name("lease.sh")
    phone.here.run("ip", "-4", "address", "flush", "dev", "eth0")
    ask = ["udhcpc", "-i", "eth0", "-f", "-q", "-n", "-t", "10", "-T", "1", "-s", script]
    phone.here.run(*ask, *options)


def another_client():
    """A name of the client that dnsmasq does not know: it gives another address."""
    return ["-C", "-x", f"0x3d:00{secrets.token_hex(6)}"]


def until(patrol, seconds, phones, *, addresses=(network.GATEWAY[4],)):
    """What patrols find while phones talk to the box; nothing, if they do not find it in time."""
    with contextlib.ExitStack() as closing:
        talks = [
            closing.enter_context(phone.datagrams(address, 53))
            for phone in phones
            for address in addresses
        ]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for talk in talks:
                with contextlib.suppress(OSError):
                    talk.send(_QUESTION)
            tally = patrol.turn(clock.now())
            if tally:
                return dict(tally)
            time.sleep(0.2)
    return {}


def test_another_address_at_the_same_time_is_challenged(shop, patrol, granted, clone, quick_kernel):
    lease(clone, *another_client())
    assert clone.addresses(4) != granted.addresses(4)
    assert until(patrol, 1, []) == {}

    assert until(patrol, _WITHIN_S, [granted, clone]) == {Outcome.CHALLENGED: 1}
    assert shop.gate.find(granted.mac) is None


def test_another_make_under_the_same_address_is_challenged(shop, patrol, granted, clone, database):
    assert until(patrol, 1, []) == {}
    lease(clone, "-V", "MSFT 5.0", "-O", "121")
    assert clone.addresses(4) == granted.addresses(4)

    assert until(patrol, _WITHIN_S, []) == {Outcome.CHALLENGED: 1}
    assert shop.gate.find(granted.mac) is None
    with database.reading() as session:
        assert session.query(Grant).filter(Grant.challenged_at.is_not(None)).count()


def test_a_phone_that_renews_and_changes_its_lease_is_left_alone(
    shop, patrol, granted, quick_kernel
):
    both = (network.GATEWAY[4], network.GATEWAY[6])
    before = granted.addresses(4)
    for options in ([], [], another_client()):
        lease(granted, *options)
        assert until(patrol, _HONEST_S / 3, [granted], addresses=both) == {}

    assert granted.addresses(4) != before
    assert shop.gate.find(granted.mac) is not None

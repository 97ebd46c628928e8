"""The way of a shopper whose store keeps its own gateway, with FreeRADIUS between it and us."""

import dataclasses

import pytest
import sqlalchemy as sa

from analytics.dashboard import online
from core.mac import Mac
from core.models.grant import EndCause, Grant
from core.setting_groups.portal import NeighboursKind
from gate.whereabouts import Whereabouts
from portal.access import restoration
from portal.access.accounting import Watch
from portal.application import create_app
from portal.neighbours import GuestsOfGateway
from tests.gear.radius.conftest import eventually, serving
from tests.portal.conftest import URL, FakeCarrier, Phone, clock, parts, texts

__all__ = ["clock", "parts", "texts"]

ALICE, BERT = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
AT, OTHER = "192.168.77.10", "192.168.77.11"
POINT = "f0:9f:c2:00:00:01"


@pytest.fixture
def carrier():
    return FakeCarrier()


@pytest.fixture
def portal(parts, radius_store, gate):
    portal = parts.settings.portal.model_copy(
        update={"url": URL, "neighbours": NeighboursKind.REDIRECT}
    )
    settings = parts.settings.model_copy(update={"portal": portal, "plans": radius_store.plans})
    return dataclasses.replace(
        parts, settings=settings, gate=gate, neighbours=GuestsOfGateway(gate)
    )


@dataclasses.dataclass
class Shop:
    """What the store's other programs do."""

    database: object
    sealer: object
    gate: object
    now: object

    def charge(self, watch):
        return watch.turn(self.database, self.sealer, self.gate, self.now)

    def online(self):
        return online.page(self.database, self.sealer, self.gate, self.now).lines

    def cut(self, key):
        return online.cut(self.database, self.sealer, self.gate, key, self.now)

    def traffic(self):
        with self.database.reading() as session:
            return session.execute(sa.select(Grant.bytes_up, Grant.bytes_down)).one()


@pytest.fixture
def shop(database, sealer, gate, now):
    return Shop(database, sealer, gate, now)


@pytest.fixture
def phone_at(portal, carrier):
    app = create_app(portal)
    return lambda address: Phone(app, address, carrier)


def follow(gateway, guest, phone):
    """What a phone sees that asks for a page: None if it is the page."""
    target = gateway.browse(guest)
    return target and phone.get(target.removeprefix(URL))


def log_in(gateway, guest, phone):
    answer = follow(gateway, guest, phone)
    assert (answer.status_code, answer.location) == (302, "/")
    phone.go_online()


@pytest.mark.parametrize("dialect", ["standard", "cisco"])
def test_a_shopper_logs_in_and_the_gateway_hears_how_long_how_fast_and_how_much(
    gateway, phone_at, portal, dialect
):
    guest, phone = gateway.join(ALICE, AT), phone_at(AT)
    assert not guest.is_online

    log_in(gateway, guest, phone)

    assert eventually(lambda: guest.is_online)
    assert 3590 <= guest.told("Session-Timeout") <= 3600
    if dialect == "standard":
        assert guest.told("WISPr-Bandwidth-Max-Down") == 4_000_000
        assert guest.told("WISPr-Bandwidth-Max-Up") == 1_000_000
    assert guest.told("Acct-Interim-Interval") == 300
    assert guest.thrown_off == (dialect == "standard")
    assert gateway.browse(guest) is None
    assert portal.admission.is_open(Mac.parse(ALICE))
    assert gateway.forged == []


def test_what_the_gateway_counts_is_charged_and_ends_the_grant(gateway, phone_at, shop):
    guest = gateway.join(ALICE, AT)
    log_in(gateway, guest, phone_at(AT))
    assert eventually(lambda: guest.is_online)
    watch = Watch()

    assert gateway.pass_on(guest, 1_000_000, 5_000_000)
    shop.charge(watch)
    assert shop.traffic() == (1_000_000, 5_000_000)
    gateway.report(guest, "Interim-Update")
    assert shop.charge(watch) == {}
    assert shop.traffic() == (1_000_000, 5_000_000)

    gateway.pass_on(guest, 0, 5_000_000)
    assert eventually(lambda: not guest.is_online and guest.reply)
    assert shop.charge(watch) == {EndCause.QUOTA: 1}
    assert follow(gateway, guest, phone_at(AT)).location == "/"


def test_a_cut_in_the_dashboard_ends_the_session_at_once(gateway, phone_at, shop):
    guest = gateway.join(ALICE, AT)
    log_in(gateway, guest, phone_at(AT))
    assert eventually(lambda: guest.is_online)
    (line,) = shop.online()

    assert shop.cut(line.key)

    assert eventually(lambda: not guest.is_online and guest.reply)
    assert guest.told("Filter-Id") == "guests"
    assert shop.online() == ()


def test_an_hour_later_the_gateway_asks_again_and_shows_the_portal(
    gateway, phone_at, gate, portal, radius_store
):
    guest = gateway.join(ALICE, AT)
    log_in(gateway, guest, phone_at(AT))
    assert eventually(lambda: guest.is_online)

    gate.admit(ALICE, 1)
    assert eventually(lambda: gate.find(ALICE) is None)
    gateway.end_time(guest)

    assert not guest.is_online


def test_a_phone_that_stays_longer_than_it_may_is_stopped_without_being_asked_about(gateway, gate):
    guest = gateway.join(ALICE, AT)
    gate.admit(ALICE, 1)
    assert eventually(lambda: guest.is_online)

    assert eventually(lambda: guest.reply and not guest.is_online)


def test_a_gateway_that_lost_its_power_asks_again_and_nobody_logs_in_twice(gateway, phone_at, gate):
    guest = gateway.join(ALICE, AT)
    log_in(gateway, guest, phone_at(AT))
    assert eventually(lambda: guest.is_online)
    gateway.pass_on(guest, 100, 1000)

    gateway.restart()
    assert gate.online().keys() == {ALICE}
    gateway.connect(guest)

    assert guest.is_online
    gateway.pass_on(guest, 10, 100)
    assert (gate.find(ALICE).bytes_up, gate.find(ALICE).bytes_down) == (110, 1100)


def test_a_gate_that_starts_anew_knows_all_it_knew(gateway, radius_store, database, sealer, now):
    with serving(radius_store) as client:
        guest = gateway.join(ALICE, AT)
        client.admit(ALICE, 3600)
        assert eventually(lambda: guest.is_online)
        gateway.pass_on(guest, 100, 1000)
    with serving(radius_store) as client:
        gateway.pass_on(guest, 1, 1)

        assert (client.find(ALICE).bytes_up, client.find(ALICE).bytes_down) == (101, 1001)
        assert client.phone_at(AT) == ALICE
        assert restoration.restore(database, sealer, client, now) == 0
        client.revoke(ALICE)
        assert eventually(lambda: guest.reply and not guest.is_online)


def test_after_a_reboot_of_ours_the_gateways_reports_say_who_is_there(
    gateway, radius_store, tmp_path
):
    with serving(radius_store) as client:
        guest = gateway.join(ALICE, AT)
        client.admit(ALICE, 3600)
        assert eventually(lambda: guest.is_online)
        gateway.pass_on(guest, 100, 1000)
    for each in radius_store.gate_socket.parent.glob("radius.sqlite*"):
        each.unlink()
    guest.began_at -= 60
    with serving(radius_store) as client:
        client.admit(ALICE, 1800)
        gateway.pass_on(guest, 1, 1)
        gateway.pass_on(guest, 1, 1)

        assert client.phone_at(AT) == ALICE
        # What was counted before cannot be told from what was charged: once, or not at all.
        assert client.find(ALICE).bytes_up == 1
        client.revoke(ALICE)
        assert eventually(lambda: guest.reply and not guest.is_online)


def test_where_a_guest_is_comes_through_freeradius(gateway, gate):
    guest = gateway.join(ALICE, AT)
    gate.admit(ALICE, 3600)
    # Once it is online again, where it is comes with the report after that.
    assert eventually(lambda: guest.is_online)
    assert eventually(lambda: gate.whereabouts() == {ALICE: Whereabouts((AT,), POINT)})

    # Else, within a second of the last report, it would be taken for that one come twice.
    guest.up += 1
    gateway.report(
        guest,
        "Interim-Update",
        Framed_IPv6_Address="2001:db8::7",
        Framed_IPv6_Prefix="2001:db8:1::/64",
        Framed_Interface_Id="0000:00ff:fe00:0a0b",
    )
    addresses = (AT, "2001:db8::7", "2001:db8:1::ff:fe00:a0b")
    assert gate.whereabouts() == {ALICE: Whereabouts(addresses, POINT)}


def test_another_phones_address_opens_nothing(gateway, phone_at, gate):
    alice, bert = gateway.join(ALICE, AT), gateway.join(BERT, OTHER)

    as_alice = gateway.browse(alice).removeprefix(URL)

    assert phone_at(OTHER).get(as_alice).status_code == 403
    assert phone_at("192.168.77.99").get(as_alice).status_code == 403
    assert follow(gateway, bert, phone_at(OTHER)).location == "/"
    assert gate.phone_at(OTHER) == BERT

import dataclasses

import pytest

from core.mac import Mac
from core.models.device import Device
from core.setting_groups.portal import NeighboursKind, PortalSettings
from gate.client import GateRefusedError, GateUnavailableError
from portal.application import create_app
from portal.neighbours import GuestsOfGateway
from tests.portal.conftest import URL, FakeGate, Phone

REDIRECT = "/guest/s/default/?id=02:00:00:00:00:0a&url=http://evil.example/"
AT = "192.168.1.23"
ALICE = "02:00:00:00:00:0a"


class Gateway(FakeGate):
    """Knows guests by address, and believes a redirect that says what it knows."""

    def __init__(self):
        super().__init__()
        self.guests = {}
        self.seen = []

    def vouch(self, redirected):
        self._asked("vouch")
        self.seen.append(redirected)
        said = redirected.query.partition("id=")[2][:17]
        return said if self.guests.get(redirected.address) == said else None

    def phone_at(self, address):
        self._asked("phone_at")
        return self.guests.get(address)


@pytest.fixture
def gate():
    return Gateway()


@pytest.fixture
def parts(parts, gate):
    portal = PortalSettings(url=URL, neighbours=NeighboursKind.REDIRECT)
    settings = parts.settings.model_copy(update={"portal": portal})
    return dataclasses.replace(parts, settings=settings, neighbours=GuestsOfGateway(gate))


@pytest.fixture
def phone(app, carrier):
    return Phone(app, AT, carrier)


@pytest.fixture
def behind_nat(parts):
    portal = parts.settings.portal.model_copy(update={"behind_nat": True})
    settings = parts.settings.model_copy(update={"portal": portal})
    return create_app(dataclasses.replace(parts, settings=settings)).test_client()


def test_a_redirect_that_the_gateway_confirms_leads_to_the_first_page(phone, gate):
    gate.guests[AT] = ALICE
    answer = phone.get(REDIRECT)

    assert (answer.status_code, answer.location) == (302, "/")
    assert "Set-Cookie" not in answer.headers
    assert gate.seen[0].path == "/guest/s/default/"
    assert gate.seen[0].address == AT
    assert phone.get("/").status_code == 200


def test_the_whole_way_goes_on_under_the_address_that_the_gateway_knows(phone, gate, rows, sealer):
    gate.guests[AT] = ALICE
    phone.get(REDIRECT)
    phone.go_online()

    assert list(gate.inside) == [ALICE]
    assert [sealer.open("devices.sealed_mac", row.sealed_mac) for row in rows(Device)] == [
        Mac.parse(ALICE).octets
    ]


def test_a_sheet_that_was_closed_goes_on_where_it_was(phone, gate):
    gate.guests[AT] = ALICE
    phone.ask_code()

    assert phone.get(REDIRECT).location == "/"
    assert phone.get("/").location == "/code"


def test_a_phone_that_the_gateway_does_not_know_yet_looks_again_by_itself(phone, gate):
    answer = phone.get(REDIRECT)

    assert answer.status_code == 403
    assert 'http-equiv="refresh"' in answer.text
    assert "evil.example" not in answer.text


def test_the_first_page_too_looks_again_for_a_phone_that_has_just_joined(phone, gate):
    """Where the gateway leads to another name of ours, the redirect's words are lost."""
    assert 'http-equiv="refresh"' in phone.get("/").text
    assert 'http-equiv="refresh"' not in phone.post("/login").text

    gate.guests[AT] = ALICE
    assert phone.get("/").status_code == 200


def test_who_types_the_address_of_another_phone_gets_nothing_of_it(phone, gate, app, carrier):
    gate.guests[AT] = ALICE
    phone.ask_code()
    other = Phone(app, "192.168.1.66", carrier)

    assert other.get(REDIRECT).status_code == 403
    assert other.get("/").status_code == 403
    assert other.enter_code().status_code == 403
    assert gate.inside == {}


def test_a_gateway_that_does_not_answer_lets_nobody_be_anybody(phone, gate):
    gate.guests[AT] = ALICE
    gate.error = GateUnavailableError("no answer")

    assert phone.get(REDIRECT).status_code == 500
    assert phone.get("/").status_code == 500


def test_a_gate_that_confirms_no_redirects_is_the_shops_fault(phone, gate):
    gate.error = GateRefusedError("do: is nothing that it knows")

    assert phone.get(REDIRECT).status_code == 400


@pytest.mark.parametrize("address", ["", "unix:"], ids=["none", "unreadable"])
def test_a_request_from_nowhere_is_nobodys(app, carrier, gate, address):
    gate.guests[""] = ALICE

    assert Phone(app, address, carrier).get(REDIRECT).status_code == 403
    assert gate.seen == []


def test_other_stores_have_no_such_page(join_with, parts):
    settings = parts.settings.model_copy(update={"portal": PortalSettings(url=URL)})

    assert join_with(settings=settings).get(REDIRECT).status_code == 404


def test_behind_nat_a_cookie_tells_phones_apart(behind_nat, gate):
    gate.guests[""] = ALICE
    assert behind_nat.get("/", base_url=URL).status_code == 403

    answer = behind_nat.get(REDIRECT, base_url=URL)

    assert gate.seen[0].address == ""
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert behind_nat.get("/", base_url=URL).status_code == 200


def test_a_query_that_no_gateway_writes_does_not_reach_the_gate(app, gate):
    raw = {"REMOTE_ADDR": AT, "QUERY_STRING": "id=\xff\xfe"}
    answer = app.test_client().get("/gateway", base_url=URL, environ_overrides=raw)

    assert answer.status_code == 400
    assert gate.seen == []

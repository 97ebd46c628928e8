"""What FreeRADIUS and the gate turn away, and what is shut when one of them is gone."""

import base64
import json
import socket
import time
from http.client import HTTPConnection

import pytest
from pyrad import packet
from pyrad.client import Client, Timeout

from gate.client import GateUnavailableError
from gear.radius import nas
from tests.fakes.radius import WORDS
from tests.gear.radius.conftest import SECRET, eventually, serving

ALICE, BERT = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
AT, OTHER = "192.168.77.10", "192.168.77.11"
NAME = "02-00-00-00-00-0A"


@pytest.fixture
def stranger(gateway, radius_ports):
    """Somebody who can reach FreeRADIUS and makes packets of his own."""
    auth, accounting, *_ = radius_ports

    def make(secret=SECRET):
        given = {"secret": secret.encode(), "dict": WORDS, "retries": 1, "timeout": 0.3}
        return Client("127.0.0.1", auth, accounting, **given)

    return make


def question(client, name=NAME, **options):
    asked = client.CreateAuthPacket(code=packet.AccessRequest, **options)
    asked["User-Name"], asked["Calling-Station-Id"] = name, NAME
    asked["User-Password"] = asked.PwCrypt(name)
    return asked


def answered(client, asked):
    try:
        return client.SendPacket(asked).code
    except Timeout:
        return None
    finally:
        client._CloseSocket()


def test_a_question_with_another_secret_is_not_answered(gate, stranger):
    gate.admit(ALICE, 3600)
    client = stranger("another-secret-of-sixteen")

    assert answered(client, question(client)) is None


def test_a_question_without_message_authenticator_is_not_answered(gate, stranger):
    gate.admit(ALICE, 3600)
    bare, whole = stranger(), stranger()

    assert answered(bare, question(bare, message_authenticator=False)) is None
    assert answered(whole, question(whole)) == packet.AccessAccept


def test_every_answer_carries_a_message_authenticator(gateway, gate):
    """The client of the gateway takes none without (enforce_ma), a refusal neither."""
    gate.admit(BERT, 3600)

    assert gateway.join(BERT, OTHER).is_online
    client = gateway.client
    asked = question(client, name="staff")
    assert client.SendPacket(asked).code == packet.AccessReject


def test_a_phone_that_shows_anothers_name_is_refused(gate, stranger):
    gate.admit(BERT, 3600)
    client = stranger()

    assert answered(client, question(client, name="02-00-00-00-00-0B")) == packet.AccessReject


def test_a_report_with_another_secret_changes_nothing(gate, gateway, stranger):
    guest = gateway.join(ALICE, AT)
    client = stranger("another-secret-of-sixteen")
    report = client.CreateAcctPacket()
    report["Acct-Status-Type"], report["Acct-Session-Id"] = "Stop", guest.session
    report["Calling-Station-Id"] = NAME

    assert answered(client, report) is None
    assert gate.phone_at(AT) == ALICE


def test_an_old_report_sent_again_changes_nothing(gate, gateway, radius_ports):
    guest = gateway.join(ALICE, AT)
    gate.admit(ALICE, 3600)
    assert eventually(lambda: guest.is_online)
    first = gateway.report(guest, "Interim-Update").RequestPacket()
    gateway.takes_clock = lambda: time.time() + 600
    gateway.pass_on(guest, 50, 500)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(5)
        line.sendto(first, ("127.0.0.1", radius_ports[1]))
        assert line.recv(4096)[0] == packet.AccountingResponse

    assert (gate.find(ALICE).bytes_up, gate.find(ALICE).bytes_down) == (50, 500)
    gateway.pass_on(guest, 1, 1)
    assert (gate.find(ALICE).bytes_up, gate.find(ALICE).bytes_down) == (51, 501)


def test_somebody_elses_session_is_acknowledged_and_not_counted(gate, gateway):
    """Staff, on another network of the same gateway."""
    guest = gateway.guests["x"] = type(gateway.join(BERT, OTHER))(ALICE, AT, session="77")

    guest.up = 1000
    gateway.report(guest, "Stop")

    assert gate.counters() == {}
    assert gate.phone_at(AT) is None


def test_without_the_gate_phones_are_refused_and_reports_come_again(
    gateway, radius_store, freeradius_server
):
    with serving(radius_store) as client:
        client.admit(ALICE, 3600)
        guest = gateway.join(ALICE, AT)
        assert guest.is_online

    gateway.ask(guest)
    assert guest.reply is None
    gateway.client.retries, gateway.client.timeout = 1, 0.3
    with pytest.raises(Timeout):
        gateway.report(guest, "Interim-Update")
    gateway.client.retries, gateway.client.timeout = 3, 2
    with serving(radius_store):
        gateway.ask(guest)
        assert guest.is_online


def test_a_gateway_that_takes_no_orders_leaves_the_shopper_offline(gate, gateway):
    guest = gateway.join(ALICE, AT)
    gateway.deaf = True

    with pytest.raises(GateUnavailableError, match="ac1 does not answer"):
        gate.admit(ALICE, 3600)
    with pytest.raises(GateUnavailableError, match="a moment ago"):
        gate.admit(ALICE, 3600)

    assert gate.find(ALICE) is None
    gateway.ask(guest)
    assert not guest.is_online


@pytest.mark.parametrize(("cause", "why"), [(501, "forbid"), (403, "another"), (599, "599")])
def test_a_gateway_that_refuses_orders_says_why(gate, gateway, cause, why):
    gateway.join(ALICE, AT)
    gateway.refuses = cause

    with pytest.raises(GateUnavailableError, match=why):
        gate.admit(ALICE, 3600)

    assert gate.find(ALICE) is None


def test_a_phone_that_cannot_be_stopped_keeps_what_it_had(gate, gateway):
    gate.admit(ALICE, 3600)
    guest = gateway.join(ALICE, AT)
    gateway.refuses = 501

    with pytest.raises(GateUnavailableError):
        gate.revoke(ALICE)

    assert gate.find(ALICE) is not None
    gateway.refuses = 503
    gate.revoke(ALICE)
    assert gate.find(ALICE) is None
    assert guest.thrown_off == 0


def test_orders_say_what_rfc_5176_wants(gate, gateway):
    gate.admit(ALICE, 3600)
    guest = gateway.join(ALICE, AT)

    gate.revoke(ALICE)

    (order,) = gateway.orders
    assert order.code == packet.DisconnectRequest
    assert order["Calling-Station-Id"] == [guest.name]
    assert order["NAS-Identifier"] == ["ac-7"]
    assert "Acct-Session-Id" in order
    assert "Framed-IP-Address" not in order
    assert gateway.forged == []


@pytest.mark.parametrize(
    ("path", "password", "status"),
    [
        ("/authorise", "", 403),
        ("/authorise", "wrong", 403),
        ("/accounting", "", 403),
        ("/elsewhere", None, 404),
    ],
)
def test_nobody_on_this_machine_may_answer_for_freeradius(
    gate, radius_store, path, password, status
):
    right = nas.service_password(nas.read(radius_store.radius))
    shown = right if password is None else password
    connection = HTTPConnection("127.0.0.1", radius_store.radius.service_port, timeout=5)
    sent = {"Authorization": "Basic " + _basic(shown)}
    connection.request("POST", path, json.dumps({}), sent)

    assert connection.getresponse().status == status
    connection.close()


def _basic(password):
    return base64.b64encode(f"freeradius:{password}".encode()).decode()

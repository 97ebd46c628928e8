"""Orders, checked by FreeRADIUS, which knows nothing of the library that makes them."""

import dataclasses

import pytest

from gear.radius import nas
from gear.radius.orders import (
    Done,
    OrderFailedError,
    RadiusOrders,
    SilentGatewayError,
    _named,
)
from gear.radius.words import Phone
from tests.gear.radius.conftest import radius_settings

PHONE = Phone(
    "ac1",
    "02:00:00:00:00:0a",
    "192.168.77.10",
    "s1",
    {
        "Calling-Station-Id": ("02-00-00-00-00-0A",),
        "Acct-Session-Id": ("s1",),
        "NAS-IP-Address": ("10.0.0.2",),
    },
)


@pytest.fixture
def judge(freeradius_server, radius_ports):
    return nas.read(radius_settings(radius_ports, radius_ports[4]))["ac1"]


def test_freeradius_takes_both_orders(judge):
    orders = RadiusOrders()

    assert orders.disconnect(judge, PHONE) is Done.DONE
    assert orders.change(judge, PHONE, {"Session-Timeout": ("60",)}) is Done.DONE


def test_freeradius_refuses_one_that_names_nobody(judge):
    nobody = dataclasses.replace(PHONE, keys={})

    with pytest.raises(OrderFailedError, match="an attribute is missing"):
        RadiusOrders().disconnect(judge, nobody)


def test_freeradius_does_not_answer_one_with_another_secret(judge):
    forger = dataclasses.replace(judge, secret=b"another-secret-of-sixteen")

    with pytest.raises(SilentGatewayError):
        RadiusOrders().disconnect(forger, PHONE)


def test_a_gateway_that_is_not_there_is_silent(judge):
    nowhere = dataclasses.replace(judge, address="127.0.0.1", order_port=1)

    with pytest.raises(SilentGatewayError) as caught:
        RadiusOrders().disconnect(nowhere, PHONE)

    assert "0a" not in str(caught.value).lower()


def test_of_ciscos_pairs_only_the_sessions_is_repeated(judge):
    cisco = nas.read(radius_settings((1, 2, 3, 4), 0, "cisco"))["ac1"]
    pairs = ("service-type=Call Check", "audit-session-id=0A01", "method=mab")
    phone = dataclasses.replace(PHONE, keys={**PHONE.keys, "Cisco-AVPair": pairs})
    said = cisco.dialect.again_with

    assert _named(cisco, phone, said)["Cisco-AVPair"] == (
        "audit-session-id=0A01",
        "subscriber:command=reauthenticate",
    )

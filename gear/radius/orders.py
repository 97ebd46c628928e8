"""Orders to gateways (RFC 5176): end a session, ask again, or take new limits.

pyrad makes and checks the packets. Each order carries a Message-Authenticator and the time, and
names the session in the gateway's own words. UDP loses packets: it is sent a few times, with the
same identifier, so that a gateway that has done it answers again and does nothing more.
"""

import enum
import functools
import io
import time
from collections.abc import Mapping
from typing import Protocol

from pyrad import packet
from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary

from core.log import Log
from gear.radius.nas import Nas
from gear.radius.words import Phone

_log = Log("gear")

_TRIES = 3
_WAIT_S = 0.45

_CISCO_SESSION = "audit-session-id="

_SESSION_GONE = 503
_CAUSES = {
    401: "it does not support an attribute of the order",
    402: "an attribute is missing from the order",
    403: "it takes the order for another gateway's",
    404: "it takes the order for malformed",
    405: "it does not support the order",
    406: "it does not support an extension of the order",
    407: "it does not accept a value in the order",
    501: "its settings forbid the order",
    504: "it cannot single out the session",
    506: "it has no room to do it",
}

# Those attributes that an order may hold (RFC 2865, 2866, 3576, 5176; the vendors' own).
DICTIONARY = """
ATTRIBUTE User-Name 1 string
ATTRIBUTE NAS-IP-Address 4 ipaddr
ATTRIBUTE NAS-Port 5 integer
ATTRIBUTE Framed-IP-Address 8 ipaddr
ATTRIBUTE Filter-Id 11 string
ATTRIBUTE Class 25 octets
ATTRIBUTE Session-Timeout 27 integer
ATTRIBUTE Idle-Timeout 28 integer
ATTRIBUTE Called-Station-Id 30 string
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Acct-Session-Id 44 string
ATTRIBUTE Acct-Multi-Session-Id 50 string
ATTRIBUTE Event-Timestamp 55 date
ATTRIBUTE Message-Authenticator 80 octets
ATTRIBUTE NAS-Port-Id 87 string
ATTRIBUTE Error-Cause 101 integer
VENDOR Cisco 9
BEGIN-VENDOR Cisco
ATTRIBUTE Cisco-AVPair 1 string
END-VENDOR Cisco
VENDOR WISPr 14122
BEGIN-VENDOR WISPr
ATTRIBUTE WISPr-Bandwidth-Max-Up 7 integer
ATTRIBUTE WISPr-Bandwidth-Max-Down 8 integer
END-VENDOR WISPr
"""


class OrderFailedError(Exception):
    """The gateway did not do it, or did not say so. The message names the gateway alone."""


class SilentGatewayError(OrderFailedError):
    """It did not answer at all."""


class Done(enum.StrEnum):
    DONE = "done"
    GONE = "gone"
    """The gateway has no such session any more."""


class Orders(Protocol):
    """Each may raise OrderFailedError."""

    def disconnect(self, nas: Nas, phone: Phone) -> Done:
        """End the session; whether there was one."""

    def change(self, nas: Nas, phone: Phone, attributes: Mapping[str, tuple[str, ...]]) -> Done:
        """Change the session."""


class RadiusOrders:
    def disconnect(self, nas: Nas, phone: Phone) -> Done:
        return _send(nas, phone, packet.DisconnectRequest, {})

    def change(self, nas: Nas, phone: Phone, attributes: Mapping[str, tuple[str, ...]]) -> Done:
        return _send(nas, phone, packet.CoARequest, attributes)


def _send(nas: Nas, phone: Phone, code: int, attributes: Mapping[str, tuple[str, ...]]) -> Done:
    client = Client(
        nas.address,
        coaport=nas.order_port,
        secret=nas.secret,
        dict=_dictionary(),
        retries=_TRIES,
        timeout=_WAIT_S,
    )
    order = client.CreateCoAPacket(code=code, message_authenticator=True)
    order["Event-Timestamp"] = int(time.time())
    for name, values in _named(nas, phone, attributes).items():
        kind = _dictionary()[name].type
        order[name] = [int(value) if kind == "integer" else value for value in values]
    try:
        answer = client.SendPacket(order)
    except Timeout as error:
        raise SilentGatewayError(f"the gateway {nas.name} does not answer orders") from error
    except OSError as error:
        raise SilentGatewayError(f"the gateway {nas.name} cannot be reached") from error
    finally:
        client._CloseSocket()  # noqa: SLF001 - pyrad offers no other way
    return _done(nas, answer)


def _named(
    nas: Nas, phone: Phone, attributes: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """What an order says: which session, then what is to become of it."""
    said = {name: phone.keys[name] for name in nas.dialect.keys if name in phone.keys}
    if "Cisco-AVPair" in said:
        # Of all its pairs, one names the session.
        pairs = said["Cisco-AVPair"]
        said["Cisco-AVPair"] = tuple(each for each in pairs if each.startswith(_CISCO_SESSION))
    for name, values in attributes.items():
        said[name] = (*said.get(name, ()), *values)
    return said


def _done(nas: Nas, answer: packet.Packet) -> Done:
    if answer.code in {packet.DisconnectACK, packet.CoAACK}:
        return Done.DONE
    cause = answer["Error-Cause"][0] if "Error-Cause" in answer else 0
    if cause == _SESSION_GONE:
        return Done.GONE
    _log.debug("gateway refused an order", nas=nas.name, cause=cause)
    why = _CAUSES.get(cause, f"Error-Cause {cause}" if cause else "it does not say why")
    raise OrderFailedError(f"the gateway {nas.name} refuses an order: {why}")


@functools.cache
def _dictionary() -> Dictionary:
    return Dictionary(io.StringIO(DICTIONARY))

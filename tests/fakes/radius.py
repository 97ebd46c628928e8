"""A gateway that speaks RADIUS, strict about what it hears: an access controller of a store.

It asks by MAC authentication whether a phone may pass, shows the portal to whom it may not, counts
what passes, and takes orders (RFC 5176). pyrad makes its packets; FreeRADIUS answers them.
"""

import dataclasses
import io
import socket
import threading
import time
import urllib.parse

from pyrad import packet
from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary

from gear.radius.orders import DICTIONARY

_MORE = """
ATTRIBUTE User-Password 2 string
ATTRIBUTE Service-Type 6 integer
ATTRIBUTE Termination-Action 29 integer
ATTRIBUTE Acct-Status-Type 40 integer
ATTRIBUTE Acct-Input-Octets 42 integer
ATTRIBUTE Acct-Output-Octets 43 integer
ATTRIBUTE Acct-Session-Time 46 integer
ATTRIBUTE Acct-Input-Gigawords 52 integer
ATTRIBUTE Acct-Output-Gigawords 53 integer
ATTRIBUTE Acct-Interim-Interval 85 integer
ATTRIBUTE Framed-Interface-Id 96 ifid
ATTRIBUTE Framed-IPv6-Prefix 97 ipv6prefix
ATTRIBUTE Framed-IPv6-Address 168 ipv6addr
VALUE Acct-Status-Type Start 1
VALUE Acct-Status-Type Stop 2
VALUE Acct-Status-Type Interim-Update 3
VALUE Acct-Status-Type Accounting-On 7
"""

WORDS = Dictionary(io.StringIO(DICTIONARY + _MORE))
IDENTIFIER = "ac-7"
ACCESS_POINT = "f0-9f-c2-00-00-01".upper()
ASK_AGAIN = 1
REAUTHENTICATE = "subscriber:command=reauthenticate"
_GONE, _WRONG_GATEWAY = 503, 403


@dataclasses.dataclass(eq=False)
class Guest:
    """A phone on the gateway's network."""

    mac: str
    address: str
    session: str = ""
    reply: packet.Packet | None = None
    up: int = 0
    down: int = 0
    thrown_off: int = 0
    began_at: float = 0.0

    @property
    def name(self):
        return self.mac.upper().replace(":", "-")

    def told(self, name):
        return self.reply[name][0] if self.reply is not None and name in self.reply else None

    @property
    def is_online(self):
        """Accepted, and not for the portal alone."""
        is_portal = self.told("Filter-Id") or self.told("Cisco-AVPair")
        return self.reply is not None and not is_portal


class FakeGateway:
    """Speaks from and listens on `address`, and asks `server`.

    `deaf`: takes no orders; `refuses`: with this cause.
    """

    def __init__(
        self, secret, auth_port, accounting_port, portal_url,
        *, address="127.0.0.1", server="127.0.0.1",
    ):  # fmt: skip
        self.secret, self.portal_url = secret.encode(), portal_url
        self.guests = {}
        self.orders, self.forged = [], []
        self.deaf, self.refuses, self.takes_clock = False, 0, time.time
        self._answered = {}
        self._sessions = 0
        self._turn = threading.RLock()
        self.client = Client(
            server, auth_port, accounting_port, secret=self.secret, dict=WORDS,
            retries=3, timeout=2, enforce_ma=True,
        )  # fmt: skip
        self.client.bind((address, 0))
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind((address, 0))
        self._line.settimeout(0.05)
        self.order_port = self._line.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._line.close()
        self.client._CloseSocket()

    def join(self, mac, address):
        """A phone comes into reach: it is asked about, and gets an IP address."""
        guest = self.guests[mac] = Guest(mac, address)
        self.connect(guest)
        return guest

    def connect(self, guest):
        with self._turn:
            self._sessions += 1
            guest.session = f"{self._sessions:08x}"
            guest.up = guest.down = 0
            guest.began_at = self.takes_clock()
            self.ask(guest)
            if guest.reply is not None:
                self.report(guest, "Start")

    def ask(self, guest):
        """What a gateway does when a phone comes, and when its time is up."""
        with self._turn:
            question = self.client.CreateAuthPacket(code=packet.AccessRequest)
            question["User-Name"] = guest.name
            question["User-Password"] = question.PwCrypt(guest.name)
            question["Calling-Station-Id"] = guest.name
            question["Called-Station-Id"] = f"{ACCESS_POINT}:安福路店 Wi-Fi"
            question["NAS-Identifier"] = IDENTIFIER
            question["Acct-Session-Id"] = guest.session
            question["Cisco-AVPair"] = f"audit-session-id=0A{guest.session}"
            answer = self.client.SendPacket(question)
            guest.reply = answer if answer.code == packet.AccessAccept else None

    def report(self, guest, status, **others):
        report = self.client.CreateAcctPacket()
        report["Acct-Status-Type"] = status
        report["User-Name"] = guest.name
        report["Calling-Station-Id"] = guest.name
        report["NAS-Identifier"] = IDENTIFIER
        report["Acct-Session-Id"] = guest.session
        report["Cisco-AVPair"] = f"audit-session-id=0A{guest.session}"
        report["Framed-IP-Address"] = guest.address
        report["Event-Timestamp"] = int(self.takes_clock())
        report["Acct-Session-Time"] = int(self.takes_clock() - guest.began_at)
        for way, octets in (("Input", guest.up), ("Output", guest.down)):
            report[f"Acct-{way}-Gigawords"], report[f"Acct-{way}-Octets"] = divmod(octets, 2**32)
        if guest.told("Class"):
            report["Class"] = guest.told("Class")
        for name, value in others.items():
            report[name.replace("_", "-")] = value
        with self._turn:
            answer = self.client.SendPacket(report)
        assert answer.code == packet.AccountingResponse
        return report

    def pass_on(self, guest, up, down):
        """Traffic; whoever is not online gets none of it through."""
        if not guest.is_online:
            return False
        guest.up, guest.down = guest.up + up, guest.down + down
        self.report(guest, "Interim-Update")
        return True

    def browse(self, guest):
        """Where a phone's plain request leads: None if to what it asked for."""
        if guest.is_online:
            return None
        base = self.portal_url
        if guest.told("Cisco-AVPair"):
            pairs = dict(pair.split("=", 1) for pair in guest.reply["Cisco-AVPair"])
            base = pairs["url-redirect"]
        said = {"mac": guest.name, "client_mac": guest.name, "url": "http://example.com/"}
        return f"{base}?{urllib.parse.urlencode(said)}"

    def end_time(self, guest):
        """Session-Timeout is over."""
        assert guest.told("Termination-Action") == ASK_AGAIN
        self.ask(guest)

    def leave(self, guest):
        self.report(guest, "Stop")
        guest.reply = None

    def restart(self):
        """Power is cut: nobody is told of anything, and all phones come again."""
        with self._turn:
            for guest in self.guests.values():
                guest.reply = None
            report = self.client.CreateAcctPacket()
            report["Acct-Status-Type"] = "Accounting-On"
            report["NAS-Identifier"] = IDENTIFIER
            report["Event-Timestamp"] = int(self.takes_clock())
            self.client.SendPacket(report)

    def _listen(self):
        while not self._stop.is_set():
            try:
                raw, whence = self._line.recvfrom(4096)
            except TimeoutError:
                continue
            if not self.deaf:
                self._take(raw, whence)

    def _take(self, raw, whence):
        order = packet.CoAPacket(dict=WORDS, secret=self.secret, packet=raw)
        fresh = "Event-Timestamp" in order and abs(order["Event-Timestamp"][0] - time.time()) < 300
        if not (
            order.VerifyCoARequest()
            and order.message_authenticator
            and order.verify_message_authenticator()
            and fresh
        ):
            # RFC 5176: silently discarded.
            self.forged.append(raw)
            return
        if raw in self._answered:
            self._line.sendto(self._answered[raw], whence)
            return
        self.orders.append(order)
        guest, cause = self._named(order)
        cause = self.refuses or cause
        answer = order.CreateReply()
        if cause:
            is_disconnect = order.code == packet.DisconnectRequest
            answer.code = packet.DisconnectNAK if is_disconnect else packet.CoANAK
            answer["Error-Cause"] = cause
        self._answered[raw] = answer.ReplyPacket()
        if guest is not None and not cause:
            self._obey(order, guest)
        self._line.sendto(self._answered[raw], whence)

    def _named(self, order):
        """Whom an order names: all that it says of a session has to be true of it."""
        if order.get("NAS-Identifier", [IDENTIFIER]) != [IDENTIFIER]:
            return None, _WRONG_GATEWAY
        for guest in self.guests.values():
            own = {
                "Calling-Station-Id": guest.name,
                "User-Name": guest.name,
                "Acct-Session-Id": guest.session,
            }
            named = [name for name in own if name in order]
            if guest.reply and named and all(order[name] == [own[name]] for name in named):
                return guest, 0
        return None, _GONE

    def _obey(self, order, guest):
        if order.code == packet.DisconnectRequest:
            guest.reply = None
            guest.thrown_off += 1
            threading.Thread(target=self._come_back, args=(guest, guest.session)).start()
        elif REAUTHENTICATE in order.get("Cisco-AVPair", []):
            threading.Thread(target=self.ask, args=(guest,)).start()
        elif "Session-Timeout" in order:
            guest.reply["Session-Timeout"] = order["Session-Timeout"][0]

    def _come_back(self, guest, session):
        """A phone that is thrown off joins again by itself."""
        gone = dataclasses.replace(guest, session=session)
        try:
            self.report(gone, "Stop")
            self.connect(guest)
        except (Timeout, OSError):
            # The test is over, and FreeRADIUS with it.
            guest.reply = None

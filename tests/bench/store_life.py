"""A shop's life at the box's gateway, as fast as one likes: phones that pass, log in, and use it.

What happens in it is drawn once, from a seed. Rates are of real time; who wants a day in less
makes them higher.
"""

import random
import socket
import ssl
import threading
import time
from collections import Counter, deque
from typing import Self

from tests.bench.box import Box
from tests.bench.crowd import Crowd
from tests.bench.shopper import Inbox, LostError, Shopper, number_of
from tests.lab import network
from tests.sniffer import octets

PHONES = 2500
_TURN_S = 0.25
_COUNTED = {"probes": "probes", "logins": "came", "packets": "packets"}
_LEAVE_UDP = (network.WEB[4], 9)


class StoreLife:
    """Goes on in threads of its own while the `with` block lasts."""

    def __init__(
        self, box: Box, *, probes_s: float, logins_s: float, packets_s: float, seed: int = 1
    ) -> None:
        """Of each so many a second: probe requests, logins, packets of those who are online."""
        self.done: Counter[str] = Counter()
        self._rates = {"probes": probes_s, "logins": logins_s, "packets": packets_s}
        self._since = dict.fromkeys(self._rates, time.monotonic())
        self._owed = dict.fromkeys(self._rates, 0)
        self._box = box
        self._rng = random.Random(seed)
        shop = box.shop
        shop.shopper.run("ip", "address", "add", "192.168.50.40/24", "dev", "eth0")
        shop.shopper.run("ip", "route", "add", "default", "via", network.GATEWAY[4])
        self._crowd = Crowd(shop.shopper, shop.gateway, PHONES)
        self._secure = ssl.create_default_context(cafile=str(box.folder / "trusted.pem"))
        self._inbox = Inbox(shop)
        self._online: deque[int] = deque(maxlen=PHONES - 100)
        self._next = 0
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._pass_by),
            threading.Thread(target=shop.shopper.call, args=[self._use]),
            *(threading.Thread(target=shop.shopper.call, args=[self._come]) for _ in range(4)),
        ]
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        self._inbox.__enter__()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._inbox.__exit__()

    @property
    def online(self) -> int:
        return len(self._online)

    def pace(self, what: str, a_second: float) -> None:
        """From now on."""
        self._rates[what] = a_second
        self._since[what] = time.monotonic()
        self._owed[what] = self.done[_COUNTED[what]]

    def _due(self, what: str) -> int:
        owed = (time.monotonic() - self._since[what]) * self._rates[what]
        return round(owed) + self._owed[what] - self.done[_COUNTED[what]]

    def _pass_by(self) -> None:
        """Phones probe: each address some 20 times, as in a street."""
        addresses: deque[bytes] = deque(maxlen=200)
        while not self._over.wait(_TURN_S):
            for _ in range(self._due("probes")):
                if len(addresses) < 200 or self._rng.random() < 0.05:
                    head = self._rng.getrandbits(6) << 2 | 2
                    addresses.append(bytes((head, *self._rng.randbytes(5))))
                number = self.done["probes"] % 4096
                bare = octets.dot11(
                    octets.ELEMENTS, sender=self._rng.choice(addresses), sequence=number
                )
                self._box.radio.play(octets.radiotap(signal_dbm=-60) + bare)
                self.done["probes"] += 1

    def _come(self) -> None:
        """In each thread one shopper after the other."""
        while not self._over.wait(0.05):
            with self._turn:
                if self._due("logins") < 1:
                    continue
                self.done["came"] += 1
                phone, self._next = self._next % PHONES, self._next + 1
            try:
                address = self._crowd.address(phone)
                Shopper(
                    address, number_of(self._next), self._inbox, secure=self._secure
                ).go_online()
            except LostError as error:
                self.done[f"lost: {error}"] += 1
            else:
                self.done["logins"] += 1
                self._online.append(phone)

    def _use(self) -> None:
        sockets: dict[int, socket.socket] = {}
        while not self._over.wait(_TURN_S):
            online = list(self._online)
            for _ in range(self._due("packets") if online else 0):
                phone = self._rng.choice(online)
                if phone not in sockets:
                    sockets[phone] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    sockets[phone].bind((self._crowd.address(phone), 0))
                sockets[phone].sendto(bytes(400), _LEAVE_UDP)
                self.done["packets"] += 1
        for each in sockets.values():
            each.close()

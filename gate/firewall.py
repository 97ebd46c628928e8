"""The gate of a real store: who is online is who is in the nftables sets of `ruleset.nft`."""

import contextlib
import errno
from collections.abc import Iterator, Sequence
from typing import Protocol

from gate import membership
from gate.nf_tables import Add, Delete, Element
from gate.shape import Counters, GateFailedError, Limits, Online

TABLE = "doorman"

_HELP = {
    errno.ENOENT: "the ruleset is not loaded, or an older one: doorman gate --ruleset | nft -f -",
    errno.EPERM: "the kernel lets this process change no firewall: give it CAP_NET_ADMIN",
    errno.ENFILE: "a set of the firewall is full: more phones than it has places",
}

_NOTHING = Counters(0, 0)


class Elements(Protocol):
    """What changes and reads the sets: `gate.netlink.Netlink`."""

    def change(self, changes: Sequence[Add | Delete]) -> None: ...

    def find(self, set_name: str, key: bytes) -> Element | None: ...

    def dump(self, set_name: str) -> list[Element]: ...


class FirewallGate:
    """Remembers nothing itself: what the kernel holds is the truth, also after a restart."""

    kind = "nftables"

    def __init__(self, elements: Elements) -> None:
        self._elements = elements

    def admit(self, mac: str, seconds: int, limits: Limits) -> None:
        with _translated():
            self._elements.change(membership.admit(mac, seconds, limits))

    def give_pass(self, mac: str, seconds: int, limits: Limits) -> None:
        with _translated():
            self._elements.change(membership.give_pass(mac, seconds, limits))

    def revoke(self, mac: str) -> None:
        with _translated():
            self._elements.change(membership.revoke(mac))

    def find(self, mac: str) -> Online | None:
        address = membership.octets(mac)
        with _translated():
            online = self._elements.find("online", address)
            if online is None:
                return None
            sent = self._elements.find("sent", address)
            received = [self._elements.find("received", m) for m in membership.marks_of(address)]
        bytes_down = sum(each.bytes for each in received if each)
        return Online(online.left_ms // 1000, sent.bytes if sent else 0, bytes_down)

    def online(self) -> dict[str, Online]:
        with _translated():
            online = self._elements.dump("online")
        counted = self.counters()
        phones = {}
        for address, left_ms, _ in online:
            mac = address.hex(":")
            count = counted.get(mac, _NOTHING)
            phones[mac] = Online(left_ms // 1000, count.bytes_up, count.bytes_down)
        return phones

    def counters(self) -> dict[str, Counters]:
        with _translated():
            sent = self._elements.dump("sent")
            received = {mark: count for mark, _, count in self._elements.dump("received")}
        counted = {}
        for address, _, bytes_up in sent:
            mark, pass_mark = membership.marks_of(address)
            bytes_down = received.get(mark, 0) + received.get(pass_mark, 0)
            counted[address.hex(":")] = Counters(bytes_up, bytes_down)
        return counted


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise GateFailedError("the kernel did not answer in time") from error
    except OSError as error:
        reason = _HELP.get(error.errno or 0, f"the kernel refused: {error.strerror}")
        raise GateFailedError(reason) from error

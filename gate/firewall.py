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
        with _translated():
            online = self._elements.find("online", membership.octets(mac))
            if online is None:
                return None
            sent = self._elements.find("sent", membership.octets(mac))
            received = [self._elements.find("received", mark) for mark in _marks(mac)]
        bytes_down = sum(each.bytes for each in received if each)
        return Online(online.left_ms // 1000, sent.bytes if sent else 0, bytes_down)

    def online(self) -> dict[str, Online]:
        with _translated():
            online = self._elements.dump("online")
        counted = self.counters()
        nothing = Counters(0, 0)
        phones = {}
        for key, left_ms, _ in online:
            mac = key.hex(":")
            bytes_ = counted.get(mac, nothing)
            phones[mac] = Online(left_ms // 1000, bytes_.bytes_up, bytes_.bytes_down)
        return phones

    def counters(self) -> dict[str, Counters]:
        with _translated():
            sent = self._elements.dump("sent")
            received = {key: count for key, _, count in self._elements.dump("received")}
        found = {}
        for key, _, count in sent:
            mac = key.hex(":")
            down = sum(received.get(mark, 0) for mark in _marks(mac))
            found[mac] = Counters(count, down)
        return found


def _marks(mac: str) -> tuple[bytes, bytes]:
    """What its connections are marked with: those begun online, those begun with a pass."""
    mark, pass_mark = membership.mark_of(mac), membership.pass_mark_of(mac)
    return membership.mark_octets(mark), membership.mark_octets(pass_mark)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise GateFailedError("the kernel did not answer in time") from error
    except OSError as error:
        reason = _HELP.get(error.errno or 0, f"the kernel refused: {error.strerror}")
        raise GateFailedError(reason) from error

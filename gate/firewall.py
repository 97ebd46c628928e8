"""The gate of a real store: who is online is who is in the nftables sets of `ruleset.nft`."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol

from gate import commands
from gate.libnftables import NftablesError
from gate.shape import GateFailedError, Online


class Runner(Protocol):
    """What runs the commands: `gate.libnftables.Nftables`."""

    def run(self, commands: str) -> str: ...


class Elements(Protocol):
    """What reads one element of a set: `gate.set_element.SetElements`."""

    def find(self, table: str, name: str, key: bytes) -> tuple[int, int] | None: ...


class FirewallGate:
    """Remembers nothing itself: what the kernel holds is the truth, also after a restart."""

    kind = "nftables"

    def __init__(self, nftables: Runner, elements: Elements) -> None:
        self._nftables = nftables
        self._elements = elements

    def admit(self, mac: str, seconds: int) -> None:
        with _translated():
            self._nftables.run(commands.admit(mac, seconds))

    def revoke(self, mac: str) -> None:
        with _translated():
            self._nftables.run(commands.revoke(mac))

    def find(self, mac: str) -> Online | None:
        with _translated():
            sent = self._elements.find(commands.TABLE, "online", commands.octets(mac))
            if sent is None:
                return None
            mark = commands.mark_of(mac).to_bytes(4, sys.byteorder)
            answered = self._elements.find(commands.TABLE, "answered", mark)
        left_ms, bytes_up = sent
        _, bytes_down = answered or (0, 0)
        return Online(left_ms // 1000, bytes_up, bytes_down)

    def online(self) -> dict[str, Online]:
        with _translated():
            online = self._nftables.run(commands.list_online())
            answered = self._nftables.run(commands.list_answered())
        return commands.read_online(online, answered)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except NftablesError as error:
        raise GateFailedError(
            f"nftables says: {error} (is the ruleset loaded, and CAP_NET_ADMIN given?)"
        ) from error
    except OSError as error:
        raise GateFailedError(f"the kernel did not answer a question: {error}") from error

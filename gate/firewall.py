"""The gate of a real store: who is online is who is in the nftables sets of `ruleset.nft`."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from gate import commands
from gate.libnftables import NftablesError
from gate.shape import GateFailedError, Online


class Runner(Protocol):
    """What runs the commands: `gate.libnftables.Nftables`."""

    def run(self, commands: str) -> str: ...


class FirewallGate:
    """Remembers nothing itself: what the kernel holds is the truth, also after a restart."""

    kind = "nftables"

    def __init__(self, nftables: Runner) -> None:
        self._nftables = nftables

    def admit(self, mac: str, seconds: int) -> None:
        with _translated():
            self._nftables.run(commands.admit(mac, seconds))

    def revoke(self, mac: str) -> None:
        with _translated():
            self._nftables.run(commands.revoke(mac))

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

"""What every gate can do, whatever stands behind it: a firewall, or only a memory."""

import dataclasses
from collections.abc import Mapping
from typing import Protocol


class GateFailedError(Exception):
    """The gate could not do what it was asked to. The message never repeats an address."""


@dataclasses.dataclass(frozen=True, slots=True)
class Online:
    """One phone that may pass. Bytes are those of IP packets since its latest admission."""

    seconds_left: int
    bytes_up: int
    bytes_down: int


class Gate(Protocol):
    """Takes addresses of the form aa:bb:cc:dd:ee:ff; `gate.protocol` has checked them."""

    @property
    def kind(self) -> str:
        """`nftables` or `recording`."""

    def admit(self, mac: str, seconds: int) -> None:
        """Let a phone pass for `seconds` from now, whatever time it had left."""

    def revoke(self, mac: str) -> None:
        """Stop a phone at once. Does nothing if it is not online."""

    def find(self, mac: str) -> Online | None:
        """How one phone stands, None if it is not online. Cheap, however many are."""

    def online(self) -> Mapping[str, Online]:
        """Who may pass now, by address."""

"""What every gate can do, whatever stands behind it: a firewall, or only a memory."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

from gate.whereabouts import Whereabouts


class GateFailedError(Exception):
    """The gate could not do what it was asked to. The message never repeats an address."""


class Limits(NamedTuple):
    """What one phone may use. 0: as much as there is."""

    down_kbit_s: int = 0
    up_kbit_s: int = 0
    bytes: int = 0
    """Both ways together, from now. When they are used up, the phone is refused."""


class Counters(NamedTuple):
    """Bytes of IP packets that passed. They only grow, until a phone is silent for an hour."""

    bytes_up: int
    bytes_down: int


class Online(NamedTuple):
    """One phone that may pass. Bytes are those of its `Counters`."""

    seconds_left: int
    bytes_up: int
    bytes_down: int


class Gate(Protocol):
    """Takes addresses of the form aa:bb:cc:dd:ee:ff; `gate.protocol` has checked them."""

    @property
    def kind(self) -> str:
        """`nftables`, `recording`, or the make of a gateway that is not ours."""

    def admit(self, mac: str, seconds: int, limits: Limits) -> None:
        """Let a phone pass for `seconds` from now, whatever it had before."""

    def give_pass(self, mac: str, seconds: int, limits: Limits) -> None:
        """Let a phone reach the pass hosts alone, for `seconds` from now, whatever it had."""

    def revoke(self, mac: str) -> None:
        """End what a phone has, at once. Does nothing if it has nothing."""

    def find(self, mac: str) -> Online | None:
        """How one phone stands, None if it is not admitted. Cheap, however many are."""

    def online(self) -> Mapping[str, Online]:
        """Who is admitted now, by address; passes are not."""

    def counters(self) -> Mapping[str, Counters]:
        """Every phone that something passed for in the last hour, online or not."""


class Redirected(NamedTuple):
    """How a phone that another gateway redirected came to the portal. All of it may be made up."""

    path: str
    query: str
    address: str
    """The IP address that the request came from; empty if it tells nothing, because of NAT."""

    def __repr__(self) -> str:
        return "Redirected(hidden)"


@runtime_checkable
class Witness(Protocol):
    """What a gate can do beside `Gate` if the phones are on the network of another gateway."""

    def vouch(self, redirected: Redirected) -> str | None:
        """Whose redirect this is; None if the gateway does not confirm what it says."""

    def phone_at(self, address: str) -> str | None:
        """Which of the gateway's guests has this IP address now; None if that is not certain."""

    def whereabouts(self) -> Mapping[str, Whereabouts]:
        """Where those of its guests are who may pass now, as far as the gateway says."""

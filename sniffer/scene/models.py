"""Phones that nobody makes, in the manner of those that people carry.

`phones.toml` invents them, but each value in it occurs in public captures of real phones:
what a model can do, how long it keeps an address, whether its sequence numbers go on when
the address changes, how often it probes. Names are a maker's letter and a year.
"""

import dataclasses
import enum
import functools
import tomllib
from pathlib import Path
from typing import Any

from scapy.layers.dot11 import Dot11Elt, Dot11EltDSSSet
from scapy.packet import Packet

_RATES = bytes.fromhex("02040b16")
_MORE_RATES = bytes.fromhex("0c1218243048606c")
_EXTENDED_RATES, _HT, _EXTENDED, _VHT, _VENDOR, _EXTENSION = 50, 45, 127, 191, 221, 255
_HT_LENGTH = 26


class AddressHabit(enum.Enum):
    """How long a phone keeps an address."""

    FACTORY = "factory"
    MINUTES = "minutes"
    BURST = "burst"


@dataclasses.dataclass(frozen=True, slots=True)
class PhoneModel:
    name: str
    share: float
    """How many people carry it, beside the others."""
    versions: int
    """Versions of its system in use, the newer the more common; each looks a bit different."""
    address: AddressHabit
    restarts: bool
    """Whether the sequence number starts anew with a new address."""
    asks_by_name: bool
    """Whether it asks for its owner's networks by name."""
    interval_s: tuple[float, float]
    """Median time between bursts, screen on and off."""
    frames: int
    """Probe requests in a burst on each channel."""
    ht: bytes
    """First octets of the HT capabilities; zeros follow."""
    vht: bytes
    """VHT capabilities; empty before 802.11ac."""
    he: bytes
    """Extension number and HE capabilities; empty before 802.11ax."""
    extended: bytes
    vendors: tuple[bytes, ...]

    def elements(self, version: int, channel: int, *, short: bool) -> bytes:
        """Elements of a probe request after the SSID.

        `short` is the look of a scan by the older rules, without the high rates, which
        phones send in between, under the same address.
        """
        extended = bytearray(self.extended)
        # What versions of a system differ in, here: extended capabilities 16 to 19.
        extended[2] ^= version
        vendors = [Dot11Elt(ID=_VENDOR, info=each) for each in self.vendors]
        parts: list[Packet] = []
        if short:
            parts += _rates(_RATES + _MORE_RATES[:4], _MORE_RATES[4:])
            parts += [Dot11Elt(ID=_EXTENDED, info=bytes(extended)), *vendors[:1]]
        else:
            parts += [*_rates(_RATES, _MORE_RATES), Dot11EltDSSSet(channel=channel)]
            parts += [Dot11Elt(ID=_HT, info=self.ht.ljust(_HT_LENGTH, b"\0"))]
            parts += [Dot11Elt(ID=_EXTENDED, info=bytes(extended))]
            parts += [Dot11Elt(ID=_VHT, info=self.vht)] if self.vht else []
            parts += [Dot11Elt(ID=_EXTENSION, info=self.he)] if self.he else []
            parts += vendors
        return b"".join(map(bytes, parts))


@dataclasses.dataclass(frozen=True, slots=True)
class Market:
    """The models in use, and the things in a shop that have Wi-Fi too."""

    phones: tuple[PhoneModel, ...]
    fixtures: tuple[PhoneModel, ...]


@functools.cache
def market() -> Market:
    text = Path(__file__).with_name("phones.toml").read_text("utf-8")
    table = tomllib.loads(text)
    shared = {name: bytes.fromhex(value) for name, value in table["elements"].items()}
    return Market(
        tuple(_model(row, shared) for row in table["phones"]),
        tuple(_model(row, shared) for row in table["fixtures"]),
    )


def _model(row: dict[str, Any], shared: dict[str, bytes]) -> PhoneModel:
    on_s, off_s = row["interval_s"]
    read = {
        "address": AddressHabit(row["address"]),
        "interval_s": (float(on_s), float(off_s)),
        "ht": bytes.fromhex(row["ht"]),
        "vht": shared[row["vht"]] if row["vht"] else b"",
        "he": shared[row["he"]] if row["he"] else b"",
        "extended": bytes.fromhex(row["extended"]),
        "vendors": tuple(shared[name] for name in row["vendors"]),
    }
    return PhoneModel(**row | read)


def _rates(first: bytes, more: bytes) -> list[Packet]:
    return [Dot11Elt(ID="Rates", info=first), Dot11Elt(ID=_EXTENDED_RATES, info=more)]

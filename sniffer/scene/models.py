"""Phones and things that nobody makes, in the manner of those that people carry.

`models.toml` invents them; `market.toml` says how common each is (sniffer/scene/market.py).
"""

import dataclasses
import enum
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class AddressLife(enum.Enum):
    """How long a phone keeps an address."""

    FACTORY = "factory"
    MINUTES = "minutes"
    BURST = "burst"
    CHANNELS = "channels"
    """A few channels of a burst."""
    FRAME = "frame"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One sort of phone or thing: what it can do and how it looks for networks.

    There is one object of each, so they are told apart by that.
    """

    name: str
    is_carried: bool
    """A phone, or something else that people have with them; not a thing that stands about."""
    year: int
    versions: int
    """Versions of its system in use, the newer the more common; each looks a bit different."""
    address: AddressLife
    """How long it keeps an address while its screen is on."""
    asleep: AddressLife
    """The same while it is off. With FRAME, its probe requests then are bare, too: older
    systems leave such scans to the radio, which says as little as it can."""
    restarts: bool
    """Whether the sequence number starts anew with a new address."""
    saved_names: int
    """Networks that it asks for by name while its screen is on."""
    interval_s: tuple[float, float]
    """Median time between bursts, screen on and off."""
    regular: bool
    """Whether it probes by the clock, or at times that scatter."""
    frames: int
    """Probe requests for any network, on each channel of a burst."""
    few: float
    """Share of bursts that go over channels 1, 6 and 11 alone."""
    looks: int
    """Variants of its elements that one phone sends."""
    apart: bool
    """Whether a burst has one look throughout. As addresses change with bursts, nothing in
    the frames then says that the looks are of one phone."""
    five: bool
    """Whether it can use 5 GHz."""
    streams: int
    ht: bytes
    """HT capabilities information."""
    vht: bytes
    """VHT capabilities information; empty before 802.11ac."""
    he: bytes
    """HE MAC and PHY capabilities; empty before 802.11ax."""
    eht: bytes
    """EHT MAC and PHY capabilities; empty before 802.11be."""
    extended: bytes
    vendors: tuple[bytes, ...]


@functools.cache
def models() -> Mapping[str, Model]:
    """All phones and things, by name."""
    table = tomllib.loads(Path(__file__).with_name("models.toml").read_text("utf-8"))
    rows = table["phones"] | table["things"]
    return {
        name: _model(
            {"name": name, "is_carried": name in table["phones"]} | table["defaults"] | row, table
        )
        for name, row in rows.items()
    }


def _model(row: dict[str, Any], table: dict[str, Any]) -> Model:
    def shared(kind: str) -> bytes:
        return bytes.fromhex(table[kind][row[kind]]) if row[kind] else b""

    on_s, off_s = row["interval_s"]
    read = {
        "address": AddressLife(row["address"]),
        "asleep": AddressLife(row["asleep"]),
        "interval_s": (float(on_s), float(off_s)),
        "ht": bytes.fromhex(row["ht"]),
        "extended": bytes.fromhex(row["extended"]),
        "vendors": tuple(bytes.fromhex(table["vendors"][each]) for each in row["vendors"]),
    }
    return Model(**row | read | {kind: shared(kind) for kind in ("vht", "he", "eht")})

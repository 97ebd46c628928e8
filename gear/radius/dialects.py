"""How gateways of each make are spoken to: the table `dialects.toml`, read and checked."""

import dataclasses
import enum
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gate.shape import Limits

Attributes = Mapping[str, tuple[str, ...]]

_MOST_IN_32_BITS = 2**32 - 1


class Unknown(enum.StrEnum):
    """What is answered for a phone that may not pass."""

    ACCEPT = "accept"
    REJECT = "reject"


class Again(enum.StrEnum):
    """How a gateway is made to ask again."""

    COA = "coa"
    DISCONNECT = "disconnect"
    WAIT = "wait"


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    name: str
    tried: str
    order_port: int
    unknown: Unknown
    again: Again
    mac: str
    keys: tuple[str, ...]
    portal: Attributes = dataclasses.field(default_factory=dict)
    online: Attributes = dataclasses.field(default_factory=dict)
    again_with: Attributes = dataclasses.field(default_factory=dict)
    extend: bool = False
    speed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    quota: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def portal_attributes(self, role: str, url: str) -> dict[str, tuple[str, ...]]:
        """Answered with an acceptance that is none: the gateway then shows the portal."""
        return {
            name: tuple(value.format(role=role, url=url) for value in values)
            for name, values in self.portal.items()
        }

    def limit_attributes(self, limits: Limits, bytes_left: int) -> dict[str, tuple[str, ...]]:
        """How fast and how much. A limit that is none is not said: 0 would be a limit to some."""
        numbers = {
            "up_bit_s": limits.up_kbit_s * 1000,
            "up_kbit_s": limits.up_kbit_s,
            "down_bit_s": limits.down_kbit_s * 1000,
            "down_kbit_s": limits.down_kbit_s,
            "quota": bytes_left if limits.bytes else 0,
        }
        most = {key: min(number, _MOST_IN_32_BITS) for key, number in numbers.items()}
        wanted = {**self.speed, **self.quota}
        found = {name: form.format_map(most) for name, form in wanted.items()}
        return {name: (value,) for name, value in found.items() if value != "0"}

    def needs_role(self) -> bool:
        return any("{role}" in value for values in self.portal.values() for value in values)


@functools.cache
def all_dialects() -> Mapping[str, Dialect]:
    table = tomllib.loads(Path(__file__).with_name("dialects.toml").read_text("utf-8"))
    return MappingProxyType({key: _dialect(row) for key, row in table.items()})


def _dialect(row: dict[str, object]) -> Dialect:
    kept = {"portal", "online", "again_with"}
    values: dict[str, object] = {key: value for key, value in row.items() if key not in kept}
    for key in kept & row.keys():
        told = row[key]
        if isinstance(told, dict):
            values[key] = MappingProxyType({name: tuple(each) for name, each in told.items()})
    values["unknown"] = Unknown(str(row["unknown"]))
    values["again"] = Again(str(row["again"]))
    values["keys"] = tuple(_strings(row["keys"]))
    return Dialect(**values)  # type: ignore[arg-type]  # the table is ours, and a test reads it


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []

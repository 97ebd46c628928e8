"""What a store's sensor goes by, as plain values, and as text for the process that hears.

That process lives without the settings' library, which takes as much memory as all of its own.
"""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from core.clock import StoreZone

if TYPE_CHECKING:
    from core.settings import Settings


class WantedSensor(NamedTuple):
    """Of the settings' group `sensor`, named as there."""

    id: str
    interfaces: tuple[str, ...]
    hopping: tuple[str, ...]
    hop_every_s: int
    silent_after_s: int
    pseudonym_bits: int
    strict: bool
    write_every_s: int
    listen: str
    clock_limit_s: int
    send_to: str
    bundle: str


class WantedStore(NamedTuple):
    name: str
    begins: str

    @property
    def zone(self) -> StoreZone:
        return StoreZone.of(self.name, dt.time.fromisoformat(self.begins))


class Wanted(NamedTuple):
    """Stands where the settings would, for what a sensor needs of them."""

    log_level: str
    data_dir: Path
    sightings_dir: Path
    status_dir: Path
    store: WantedStore
    sensor: WantedSensor

    @classmethod
    def of(cls, found: "Settings") -> Self:
        zone = found.store.zone
        return cls(
            found.log_level,
            found.data_dir,
            found.sightings_dir,
            found.status_dir,
            WantedStore(zone.key, zone.begins.isoformat()),
            WantedSensor._make(getattr(found.sensor, name) for name in WantedSensor._fields),
        )

    @property
    def text(self) -> str:
        groups = {"store": self.store._asdict(), "sensor": self.sensor._asdict()}
        return json.dumps(self._asdict() | groups, default=str)

    @classmethod
    def read(cls, text: str) -> Self:
        values: dict[str, Any] = json.loads(text)
        for name in ("data_dir", "sightings_dir", "status_dir"):
            values[name] = Path(values[name])
        for name in ("interfaces", "hopping"):
            values["sensor"][name] = tuple(values["sensor"][name])
        store, sensor = WantedStore(**values.pop("store")), WantedSensor(**values.pop("sensor"))
        return cls(**values, store=store, sensor=sensor)

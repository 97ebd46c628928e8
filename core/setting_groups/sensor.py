"""What the sensor listens on, and how it looks after that."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from core.place import place_of
from core.setting_groups.base import Group, Identifier

# As the kernel allows, less the dot, which parts the names of tallies.
InterfaceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,15}$")]
# Channels by number, those of 6 GHz by frequency.
HoppingPlan = Annotated[
    str, StringConstraints(pattern=r"^(fixed [0-9]{1,4}|(slow|weighted)( [0-9]{1,4})+)$")
]
PlaceOrNone = Annotated[
    str, StringConstraints(pattern=r"^(([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5})?$")
]


class SensorSettings(Group):
    id: Identifier = "sensor-1"
    """Name of this sensor in the sightings."""
    interfaces: tuple[InterfaceName, ...] = ()
    """Monitor-mode interfaces to listen on. Empty: `doorman sensor` needs --replay."""
    hopping: tuple[HoppingPlan, ...] = ()
    """How the interfaces choose their channels, a plan for each in the same order: `fixed 6`,
    `slow 1 6 11`, `weighted 1 6 11 36`; a channel of 6 GHz by its frequency. The sensor then
    needs `CAP_NET_ADMIN`. Empty: they are in monitor mode, and on a channel, already."""
    hop_every_s: int = Field(default=10, ge=2, le=300)
    """Seconds on each channel of a plan that hops; on the average, if it is weighted."""
    silent_after_s: int = Field(default=60, ge=5, le=3600)
    """Seconds without any frame on the air, of whatever sort, after which an interface that may
    be stuck is set up anew. Access points send ten a second."""
    pseudonym_bits: int = Field(default=24, ge=16, le=40)
    """Length of the daily pseudonyms. 24 keeps collisions under 1 % for 168,000 devices a day."""
    strict: bool = False
    """Keep nothing of a single phone for as long as five minutes: counts, but no visits."""
    sightings_dir: str = ""
    """Folder of the day files, such as one on a RAM disk. Empty: `sightings` in `data_dir`."""
    write_every_s: int = Field(default=60, ge=1, le=300)
    """Seconds until what was heard, also by other sensors, is written. A power cut takes no more
    than that; each write costs a flash memory some 50 kB."""
    do_not_count_days: int = Field(default=180, ge=1, le=731)
    """How long a phone is left out whose owner asked for that on the portal."""

    listen: PlaceOrNone = ""
    """Address and port, such as `192.168.2.1:8444`, at which this box takes what the store's
    other sensors hear: the management side only. Empty: there are none."""
    clock_limit_s: int = Field(default=300, ge=1, le=86_400)
    """By how much another sensor's clock may differ from the box's, in seconds. Up to that it
    is put right; beyond, the sensor is refused."""
    send_to: PlaceOrNone = ""
    """Address and port of the store's box, for a sensor that sends what it hears there and
    keeps nothing. Empty: this is the box."""
    bundle: str = ""
    """File from `doorman sensors add` by which such a sensor and the box know each other."""

    @model_validator(mode="after")
    def _sends_or_takes(self) -> Self:
        if bool(self.send_to) != bool(self.bundle):
            raise ValueError("send_to and bundle go together")
        if self.send_to and self.listen:
            raise ValueError("a sensor that sends (send_to) takes from no others (listen)")
        for written in filter(None, (self.send_to, self.listen)):
            if not 1 <= place_of(written)[1] <= 65_535:  # noqa: PLR2004 - what ports there are
                raise ValueError("a port is a number from 1 to 65535")
        return self

    @model_validator(mode="after")
    def _interfaces_and_plans_match(self) -> Self:
        if len(set(self.interfaces)) < len(self.interfaces):
            raise ValueError("interfaces names one of them twice")
        if self.hopping and len(self.hopping) != len(self.interfaces):
            raise ValueError("hopping has to have a plan for each of the interfaces, or none")
        return self

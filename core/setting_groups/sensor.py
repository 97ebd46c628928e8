"""What the sensor listens on, and how it looks after that."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from core.setting_groups.base import Group, Identifier

# As the kernel allows, less the dot, which parts the names of tallies.
InterfaceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,15}$")]


class SensorSettings(Group):
    id: Identifier = "sensor-1"
    """Name of this sensor in the sightings."""
    interfaces: tuple[InterfaceName, ...] = ()
    """Monitor-mode interfaces to listen on. Empty: `doorman sensor` needs --replay."""
    silent_after_s: int = Field(default=60, ge=5, le=3600)
    """Seconds without any frame on the air, of whatever sort, after which an interface that may
    be stuck is set up anew. Access points send ten a second."""
    pseudonym_bits: int = Field(default=24, ge=16, le=40)
    """Length of the daily pseudonyms. 24 keeps collisions under 1 % for 168,000 devices a day."""

    @model_validator(mode="after")
    def _interfaces_differ(self) -> Self:
        if len(set(self.interfaces)) < len(self.interfaces):
            raise ValueError("interfaces names one of them twice")
        return self

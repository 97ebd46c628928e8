"""Gateways that speak RADIUS, with FreeRADIUS between them and Doorman (docs/gear-radius.md)."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from core.setting_groups.base import Group, Port


def _an_address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise ValueError("not an IP address, such as 10.0.0.2") from error


# Also part of a variable's name: DOORMAN_RADIUS__SECRETS__AC1.
NasName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,31}$")]
Address = Annotated[str, AfterValidator(_an_address)]


class NasSettings(Group):
    name: NasName
    """What it is called here, in small letters and digits; its secret goes by the same name."""
    address: Address
    """The IP address that it speaks from, and hears orders on."""
    dialect: str = Field(default="standard", pattern=r"^[a-z][a-z0-9-]{0,31}$")
    """Its make: one of the table in docs/gear-radius.md."""
    role: str = Field(default="", pattern=r"^[0-9A-Za-z_.-]{0,64}$")
    """Name, at the gateway, of the role or filter that shows a phone the portal alone."""
    order_port: int = Field(default=0, ge=0, le=65535)
    """UDP port on which it takes orders (RFC 5176). 0: what is usual for its make."""


class RadiusSettings(Group):
    nas: tuple[NasSettings, ...] = ()
    """The gateways, for each `name`, `address`, `dialect`, `role`, `order_port`
    (docs/gear-radius.md). With `gate.kind = "radius"` one at least."""
    secrets: Mapping[NasName, SecretStr] = Field(default_factory=dict)
    """Each gateway's secret, by its name: `DOORMAN_RADIUS__SECRETS__AC1=...` in the environment."""
    address: Address = "127.0.0.1"
    """Address of this machine on which FreeRADIUS hears the gateways."""
    auth_port: Port = 1812
    """UDP port for questions who may pass."""
    accounting_port: Port = 1813
    """UDP port for what gateways say of sessions."""
    status_port: Port = 18121
    """UDP port on 127.0.0.1 on which FreeRADIUS says that it lives."""
    service_port: Port = 1810
    """TCP port on 127.0.0.1 on which the gate answers FreeRADIUS."""
    folder: str = "/run/doorman-radius"
    """Where `doorman radius run` writes FreeRADIUS' configuration, secrets included: in memory."""
    report_every_s: int = Field(default=300, ge=60, le=3600)
    """How often a gateway is asked to say how much each phone has used, in seconds."""

    @model_validator(mode="after")
    def _are_told_apart(self) -> Self:
        names = [nas.name for nas in self.nas]
        if len(set(names)) < len(names) or len({nas.address for nas in self.nas}) < len(names):
            raise ValueError("radius.nas: each needs a name and an address of its own")
        return self

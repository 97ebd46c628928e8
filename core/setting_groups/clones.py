"""Two devices under one hardware address."""

from pydantic import Field

from core.setting_groups.base import Group


class CloneSettings(Group):
    challenges: int = Field(default=3, ge=0, le=20)
    """How often one session may be asked for a code again, because another device uses the
    same hardware address, before it is ended. 0: nobody looks for such devices."""
    lease_script: str = Field(default="", pattern=r"^(/[0-9A-Za-z_./-]+)?$")
    """Where `doorman resolver --lease-script` was saved, for dnsmasq to run at each lease.
    Empty: what phones ask of DHCP is not looked at."""

"""Telling phones where the Captive Portal API is."""

from pydantic import Field

from core.setting_groups.base import Group


class AdvertiseSettings(Group):
    check_every_s: int = Field(default=30, ge=1, le=600)
    """How often the API is tested as a phone would, in seconds. Three good ones to advertise it."""
    withdraw_hours: int = Field(default=48, ge=1, le=720)
    """Phones are no longer told of the API when the certificate has fewer hours left than this."""
    addresses: tuple[str, ...] = ()
    """Addresses at which the API is tested. Empty: those of `gate.shopper_interface`."""
    by_router: bool = True
    """Tell phones by router advertisement, too (IPv6). Needs CAP_NET_RAW."""
    options_file: str = Field(default="/run/doorman/dhcp-options", min_length=1)
    """File of DHCP options that dnsmasq reads, and that is written here."""
    dnsmasq_pid_file: str = Field(default="/run/dnsmasq/dnsmasq.pid", min_length=1)
    """dnsmasq's own pid file: it is told to read its options again."""

"""Each part's settings, with what is allowed. `core.settings` reads and joins them."""

import enum
import re
import zoneinfo
from typing import Annotated, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
_COUNTRY = re.compile("[A-Z]{2}")
Dbm = Annotated[int, Field(ge=-100, le=-1)]


class GateKind(enum.StrEnum):
    NFTABLES = "nftables"
    RECORDING = "recording"


class NeighboursKind(enum.StrEnum):
    KERNEL = "kernel"
    LOOPBACK = "loopback"


class PrivateRelay(enum.StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"


class LogLevel(enum.StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class _Group(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True
    )


class StoreSettings(_Group):
    id: Identifier = "store-1"
    """Short name of this store, the same in all that is sent to the chain."""
    name: str = "Doorman Store"
    """What shoppers and the store manager read."""
    time_zone: str = "Asia/Shanghai"
    """IANA zone. Days, opening hours and reports go by it."""
    countries: tuple[str, ...] = ("CN",)
    """ISO 3166 codes whose mobile numbers may log in; the first is home."""
    language: str = Field(default="zh", pattern="^(zh|en)$")
    """Language of pages for a browser that asks for none of ours: `zh` or `en`."""
    contact: str = Field(default="", max_length=200)
    """Whom shoppers ask about their data (privacy page). Empty: the store's staff."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not an IANA time zone, such as Asia/Shanghai") from error
        return value

    @field_validator("countries")
    @classmethod
    def _known_countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(_COUNTRY.fullmatch(code) for code in value):
            raise ValueError('one or more ISO 3166 codes in capitals, such as ["CN"]')
        return value

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class DatabaseSettings(_Group):
    url: str = ""
    """SQLAlchemy URL (SQLite or PostgreSQL). Empty: `doorman.sqlite` in `data_dir`."""


class PortalSettings(_Group):
    host: str = "127.0.0.1"
    """Address the portal listens on."""
    port: Port = 8080
    """Port the portal listens on; port 80 of shoppers is redirected to it."""
    url: Url = "http://127.0.0.1:8080"
    """Where a shopper's browser reaches the portal: every other address is redirected here."""
    workers: int = Field(default=2, ge=1, le=32)
    """gunicorn worker processes."""
    neighbours: NeighboursKind = NeighboursKind.KERNEL
    """How a phone's hardware address is found: the kernel's table, or made up for loopback."""
    session_length_s: int = Field(default=14_400, ge=60, le=604_800)
    """How long one login keeps a phone online, in seconds."""
    minimum_age: int = Field(default=14, ge=0, le=21)
    """Age a shopper declares to become a member: 14 in China (PIPL), often 16 in the EU."""
    venue_url: str = Field(default="", pattern=r"^(https://[!-~]+)?$", max_length=1000)
    """Page about the store (https) that phones may offer once online. Empty: none is offered."""
    custom_tabs: bool = False
    """Ask Android 12+ to show the portal in a tab of its browser. Not yet tried on a phone."""


class SmsSettings(_Group):
    url: str = ""
    """Where the webhook provider takes messages. Empty: no login by SMS."""
    signing_key: SecretStr = SecretStr("")
    """Key shared with the webhook provider (`whsec_` and base64)."""
    sends_per_number_hour: int = Field(default=5, ge=1, le=100)
    """Codes one number may be sent in an hour."""
    sends_per_number_day: int = Field(default=10, ge=1, le=1000)
    """Codes one number may be sent in 24 hours."""
    sends_per_device_day: int = Field(default=10, ge=1, le=1000)
    """Codes one phone may ask for in 24 hours, to whatever numbers."""
    sends_per_store_day: int = Field(default=2000, ge=1, le=1_000_000)
    """Codes this store pays for in 24 hours; then login by SMS closes until it is less."""


class GateSettings(_Group):
    kind: GateKind = GateKind.NFTABLES
    """`nftables` changes the firewall; `recording` only remembers (demo, no root)."""
    socket: str = ""
    """Unix socket of the gate. Empty: `gate.sock` in `data_dir`."""
    allowed_users: tuple[str, ...] = ()
    """System users who may command the gate, besides root and its own."""
    shopper_interface: str = Field(default="br-lan", pattern=r"^[\w.-]{1,15}$")
    """Interface (or bridge) the shoppers' phones are on."""
    uplink_interface: str = Field(default="wan0", pattern=r"^[\w.-]{1,15}$")
    """Interface towards the internet."""
    management_interfaces: tuple[str, ...] = ()
    """Interfaces from which everything on the box may be reached, such as ["lan0"]."""
    reachable_networks: tuple[str, ...] = ()
    """Private networks behind the uplink that phones online may reach: ["10.1.2.0/24"]."""


class ResolverSettings(_Group):
    port: Port = 5335
    """UDP port on which names are answered before login; port 53 is redirected to it."""
    private_relay: PrivateRelay = PrivateRelay.ALLOW
    """`refuse` makes phones turn off iCloud Private Relay (and Firefox its DNS) on this Wi-Fi."""


class SensorSettings(_Group):
    id: Identifier = "sensor-1"
    """Name of this sensor in the sightings."""
    interface: str = ""
    """Monitor-mode interface to listen on. Empty: `doorman sensor` needs --replay."""
    pseudonym_bits: int = Field(default=24, ge=16, le=40)
    """Length of the daily pseudonyms. 24 keeps collisions under 1 % for 168,000 devices a day."""


class TrafficSettings(_Group):
    inside_dbm: Dbm = -65
    """Signal from which a phone counts as inside the store. Learn it on site."""
    outside_dbm: Dbm = -88
    """Signal below which a phone is too far to count at all."""
    window_s: int = Field(default=900, ge=60, le=3600)
    """Length of the windows in which randomised addresses are linked into devices, seconds."""
    visit_gap_s: int = Field(default=900, ge=60, le=7200)
    """Silence after which a visit has ended, in seconds."""
    visitor_after_s: int = Field(default=300, ge=0, le=3600)
    """Time inside after which a passer-by is a visitor, in seconds."""
    fixture_after_h: int = Field(default=8, ge=1, le=24)
    """Hours a day after which a device is furniture or staff and no longer counted."""
    suppress_below: int = Field(default=5, ge=2, le=100)
    """Counts smaller than this are not shown and not sent (disclosure control)."""

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.outside_dbm >= self.inside_dbm:
            raise ValueError("outside_dbm must be weaker (smaller) than inside_dbm")
        return self


class CrmSettings(_Group):
    url: str = ""
    """Where the CRM's webhook takes events. Empty: events wait in the outbox."""
    signing_key: SecretStr = SecretStr("")
    """Key shared with the CRM (`whsec_` and base64). Empty: one made on first start."""
    batch_size: int = Field(default=100, ge=1, le=1000)
    """Most events sent in one request."""
    timeout_s: float = Field(default=10, gt=0, le=120)
    """How long one request may take, in seconds."""


class DashboardSettings(_Group):
    host: str = "127.0.0.1"
    """Address the dashboard listens on: the management side only."""
    port: Port = 8081
    """Port the dashboard listens on."""
    workers: int = Field(default=1, ge=1, le=8)
    """gunicorn worker processes."""
    sign_in_hours: int = Field(default=12, ge=1, le=168)
    """Hours after which a user signs in again."""


class JobsSettings(_Group):
    roll_up_every_s: int = Field(default=60, ge=1, le=3600)
    """How often today's figures are brought up to date, in seconds."""
    close_days_every_s: int = Field(default=600, ge=1, le=3600)
    """How often days that have ended are looked for and closed, in seconds."""
    send_every_s: int = Field(default=5, ge=1, le=3600)
    """How often the outbox is looked at, in seconds."""

"""Every setting of the appliance: read once, checked, then frozen.

A setting comes from the environment (`DOORMAN_STORE__TIME_ZONE=Asia/Shanghai`), else
from one TOML file (`[store]` `time_zone = "Asia/Shanghai"`), else from the version that
headquarters has pushed (`core.pushed`; a few settings alone), else from the default here.
The file is the one `DOORMAN_CONFIG` names, else `/etc/doorman/doorman.toml` if it is there.
`docs/settings.md` is made from this module and `core.setting_groups`.
"""

import datetime as dt
import tomllib
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core import clock, destinations
from core import law as laws
from core.setting_groups import gear
from core.setting_groups.access_log import AccessLogSettings
from core.setting_groups.advertise import AdvertiseSettings
from core.setting_groups.backup import BackupSettings
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.certificate import CertificateSettings
from core.setting_groups.clones import CloneSettings
from core.setting_groups.crm import CrmSettings
from core.setting_groups.flows import FlowSettings
from core.setting_groups.front import FrontSettings
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.hq import HqSettings
from core.setting_groups.law import LawSettings
from core.setting_groups.management import DashboardSettings, JobsSettings
from core.setting_groups.network import GateKind, GateSettings, ResolverSettings
from core.setting_groups.plans import PassSettings, PlansSettings
from core.setting_groups.portal import NeighboursKind, PortalSettings
from core.setting_groups.radius import RadiusSettings
from core.setting_groups.reports import ReportsSettings
from core.setting_groups.sensor import SensorSettings
from core.setting_groups.sms import Carrier, SmsSettings
from core.setting_groups.store import DatabaseSettings, LogLevel, StoreSettings
from core.setting_groups.traffic import TrafficSettings
from core.setting_groups.unifi import UnifiSettings
from core.setting_groups.ways import MailSettings, WaysSettings
from core.setting_groups.wechat import WechatSettings
from core.setting_sources import CONFIG_VARIABLE, PushedSource, config_file, trying


class SettingsError(Exception):
    """A setting is wrong. The message names each, what is wrong and what is allowed."""


class Settings(BaseSettings):
    """The appliance's settings. Make one with `load()`, at the edge, once."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="DOORMAN_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    data_dir: Path = Path("/var/lib/doorman")
    """Where databases, day files and the appliance's own secrets lie."""
    run_dir: Path = Path("/run/doorman")
    """Where programs leave what a restart of the machine may lose: `alive/` holds signs of life."""
    log_level: LogLevel = LogLevel.INFO
    """Least important log lines to write: `debug`, `info`, `warning` or `error`."""
    store: StoreSettings = StoreSettings()
    law: LawSettings = LawSettings()
    access_log: AccessLogSettings = AccessLogSettings()
    database: DatabaseSettings = DatabaseSettings()
    portal: PortalSettings = PortalSettings()
    plans: PlansSettings = PlansSettings()
    passes: PassSettings = PassSettings()
    front: FrontSettings = FrontSettings()
    certificate: CertificateSettings = CertificateSettings()
    advertise: AdvertiseSettings = AdvertiseSettings()
    ways: WaysSettings = WaysSettings()
    sms: SmsSettings = SmsSettings()
    mail: MailSettings = MailSettings()
    wechat: WechatSettings = WechatSettings()
    headquarters: HeadquartersSettings = HeadquartersSettings()
    gate: GateSettings = GateSettings()
    unifi: UnifiSettings = UnifiSettings()
    radius: RadiusSettings = RadiusSettings()
    resolver: ResolverSettings = ResolverSettings()
    clones: CloneSettings = CloneSettings()
    flows: FlowSettings = FlowSettings()
    backup: BackupSettings = BackupSettings()
    sensor: SensorSettings = SensorSettings()
    traffic: TrafficSettings = TrafficSettings()
    reports: ReportsSettings = ReportsSettings()
    crm: CrmSettings = CrmSettings()
    campaigns: CampaignSettings = CampaignSettings()
    dashboard: DashboardSettings = DashboardSettings()
    jobs: JobsSettings = JobsSettings()
    hq: HqSettings = HqSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base class passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
            PushedSource(settings_cls),
        )

    @model_validator(mode="after")
    def _firewall_knows_phones(self) -> Self:
        # Made-up addresses would let one phone's login open the network for another.
        loopback = self.portal.neighbours is NeighboursKind.LOOPBACK
        if loopback and self.gate.kind is GateKind.NFTABLES:
            raise ValueError(
                'portal.neighbours = "loopback" is for the demo: with gate.kind = "nftables"'
                ' it must be "kernel"'
            )
        return self

    @model_validator(mode="after")
    def _other_gateway_can_do_it(self) -> Self:
        problems = gear.problems(
            self.gate,
            self.portal,
            self.passes,
            self.clones,
            unifi=self.unifi,
            radius=self.radius,
        )
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @model_validator(mode="after")
    def _headquarters_can_carry(self) -> Self:
        if Carrier.HEADQUARTERS in self.sms.carriers and not self.headquarters.url:
            raise ValueError('sms.carriers names "headquarters": set headquarters.url')
        return self

    @model_validator(mode="after")
    def _within_the_law(self) -> Self:
        kept = laws.kept(access_log=self.access_log.days, flows=self.flows.days)
        asked = laws.Asked(self.minimum_age, self.sensor.strict, kept)
        places = destinations.problems(self.law_profile, self.destinations, self.law.export_basis)
        problems = [*laws.problems(self.law_profile, asked), *places]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def law_profile(self) -> laws.Profile:
        """Whose law the store goes by."""
        return laws.profile(self.law.profile, self.store.countries[0])

    @property
    def destinations(self) -> list[destinations.Place]:
        """Who is handed personal data."""
        return destinations.named(
            crm=self.crm,
            headquarters=self.headquarters,
            backup=self.backup,
            sms=self.sms,
            mail=self.mail,
            law=self.law,
        )

    @property
    def minimum_age(self) -> int:
        """Declared by whoever becomes a member."""
        chosen = self.portal.minimum_age
        return self.law_profile.age.usual if chosen is None else chosen

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data_dir / 'doorman.sqlite'}"

    @property
    def sightings_dir(self) -> Path:
        named = self.sensor.sightings_dir
        return Path(named) if named else self.data_dir / "sightings"

    @property
    def pictures_dir(self) -> Path:
        """Pictures of campaigns: written by the dashboard, shown by the portal."""
        return self.data_dir / "pictures"

    @property
    def status_dir(self) -> Path:
        """Where the sensor says how it is doing: in memory, so that no flash is written for it,
        if this machine has such a folder.
        """
        in_memory = self.run_dir / "alive"
        return in_memory if in_memory.is_dir() else self.data_dir

    @property
    def pass_hosts(self) -> tuple[str, ...]:
        """What a phone with a pass may reach: WeChat, and headquarters, where it leads back to."""
        host = urllib.parse.urlsplit(self.headquarters.url).hostname
        return (*self.passes.hosts, host) if host else self.passes.hosts

    @property
    def gate_socket(self) -> Path:
        return Path(self.gate.socket) if self.gate.socket else self.data_dir / "gate.sock"

    @property
    def portal_socket(self) -> Path:
        """Where the portal listens if a web server stands in front of it."""
        return Path(self.front.socket) if self.front.socket else self.data_dir / "portal.sock"

    @property
    def flows_dir(self) -> Path:
        return Path(self.flows.folder) if self.flows.folder else self.data_dir / "flows"

    @property
    def flows_key(self) -> Path:
        return Path(self.flows.key_file) if self.flows.key_file else self.data_dir / "flows.key"

    def today(self, now: dt.datetime) -> dt.date:
        """The store's day, which need not begin at midnight."""
        return clock.store_day(now, self.store.zone)


def load() -> Settings:
    """Read and check the settings, or raise SettingsError. Values are not repeated.

    Pushed settings with which the others would not load are left out: a store that changes its
    own file, or takes a new version of Doorman, starts all the same.
    """
    try:
        return _load()
    except SettingsError:
        return load_with({})


def load_with(pushed: Mapping[str, Any]) -> Settings:
    """As `load`, with these settings in place of those that headquarters has pushed."""
    with trying(pushed):
        return _load()


def _load() -> Settings:
    file = config_file()
    if file is not None and not file.is_file():
        raise SettingsError(f"{CONFIG_VARIABLE} names {file}, which is not there")
    try:
        return Settings()
    except ValidationError as error:
        lines = (_explain(item["loc"], item["type"], item["msg"]) for item in error.errors())
        raise SettingsError("\n".join(lines)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None


def _explain(location: tuple[int | str, ...], sort: str, message: str) -> str:
    if not location:
        return message.removeprefix("Value error, ")
    name = ".".join(str(part) for part in location)
    variable = "DOORMAN_" + "__".join(str(part).upper() for part in location)
    if sort == "extra_forbidden":
        message = "there is no such setting (docs/settings.md lists them all)"
    return f"{name} (or {variable}): {message.removeprefix('Value error, ')}"

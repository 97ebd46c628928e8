"""The store itself, its data and its log."""

import enum
import re
import zoneinfo

from pydantic import Field, field_validator

from core.setting_groups.base import Group, Identifier

_COUNTRY = re.compile("[A-Z]{2}")


class LogLevel(enum.StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class StoreSettings(Group):
    id: Identifier = "store-1"
    """Short name of this store, the same in all that is sent to the chain."""
    name: str = "Doorman Store"
    """What shoppers and the store manager read."""
    time_zone: str = "Asia/Shanghai"
    """IANA zone. Days, opening hours and reports go by it."""
    countries: tuple[str, ...] = ("CN",)
    """ISO 3166 codes whose mobile numbers may log in; the first is home."""
    language: str = Field(default="zh", pattern="^(zh|zh-TW|en|ja|ko)$")
    """Of pages for a browser that asks for none of ours: `zh`, `zh-TW`, `en`, `ja` or `ko`."""
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


class DatabaseSettings(Group):
    url: str = ""
    """SQLAlchemy URL (SQLite or PostgreSQL). Empty: `doorman.sqlite` in `data_dir`."""

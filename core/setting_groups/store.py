"""The store itself, its data and its log."""

import datetime as dt
import enum
import re
from typing import Self

from pydantic import Field, field_validator, model_validator

from core import clock
from core import opening_hours as when_open
from core.setting_groups.base import Group, Identifier, TimeZone

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
    time_zone: TimeZone = "Asia/Shanghai"
    """IANA zone. Days, opening hours and reports go by it."""
    day_begins: str = Field(default="00:00", pattern=r"^(0[0-9]|1[0-2]):00$")
    """When a day of the store begins, on its clock, at a full hour up to noon: `"04:00"` where
    the last shopper leaves at three. The day has the name of the date on which it begins."""
    opening_hours: str = Field(default="", max_length=500)
    """When the store is open, such as `Mo-Fr 10:00-22:00; Sa,Su 09:00-02:00`. Empty: not known."""
    countries: tuple[str, ...] = ("CN",)
    """ISO 3166 codes whose mobile numbers may log in; the first is home."""
    language: str = Field(default="zh", pattern="^(zh|zh-TW|en|ja|ko)$")
    """Of pages for a browser that asks for none of ours: `zh`, `zh-TW`, `en`, `ja` or `ko`."""
    contact: str = Field(default="", max_length=200)
    """Whom shoppers ask about their data (privacy page). Empty: the store's staff."""

    @field_validator("opening_hours")
    @classmethod
    def _readable_hours(cls, value: str) -> str:
        when_open.parse(value)
        return value

    @field_validator("countries")
    @classmethod
    def _known_countries(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(_COUNTRY.fullmatch(code) for code in value):
            raise ValueError('one or more ISO 3166 codes in capitals, such as ["CN"]')
        return value

    @model_validator(mode="after")
    def _shut_when_a_day_begins(self) -> Self:
        if self.hours is not None and self.hours.crosses(self.zone.begins):
            raise ValueError(
                f"opening_hours: the store is open at {self.day_begins}, when its day begins."
                " Set day_begins to an hour at which it is shut"
            )
        return self

    @property
    def hours(self) -> when_open.OpeningHours | None:
        """None: not known."""
        return when_open.parse(self.opening_hours)

    @property
    def zone(self) -> clock.StoreZone:
        return clock.StoreZone.of(self.time_zone, dt.time.fromisoformat(self.day_begins))


class DatabaseSettings(Group):
    url: str = ""
    """SQLAlchemy URL (SQLite or PostgreSQL). Empty: `doorman.sqlite` in `data_dir`."""

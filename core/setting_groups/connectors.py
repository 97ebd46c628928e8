"""The CRMs that Doorman speaks to in their own language, one group each."""

import enum

from pydantic import Field, SecretStr

from core.setting_groups.base import Group


class FieldType(enum.StrEnum):
    """How a value is written; each CRM's connector knows the form that it wants."""

    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"


class FieldRule(Group):
    """One of our fields and where it goes, or a constant."""

    field: str = Field(default="", max_length=64)
    """Ours (docs/crm.md lists them all). Empty for a constant."""
    to: str = Field(default="", max_length=100)
    """The CRM's. Empty: the field is not sent."""
    type: FieldType | None = None
    """How it is written, if not as is usual for the field."""
    value: str = Field(default="", max_length=200)
    """The constant, the same for every member."""


class TrytonSettings(Group):
    url: str = ""
    """Where `trytond` answers, https."""
    database: str = Field(default="", pattern="^[A-Za-z0-9_.-]{0,63}$")
    """The name of its database."""
    key: SecretStr = SecretStr("")
    """Key of a user application of the kind `rest`, which an administrator has validated."""
    fields: tuple[FieldRule, ...] = ()
    """What goes where, over what docs/crm.md lists: `field`, `to`, `type`, `value`."""

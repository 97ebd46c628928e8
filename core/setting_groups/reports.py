"""Reports by mail: to whom, and when. The mail server is `mail`'s."""

import enum
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from core.email_address import EmailAddress
from core.setting_groups.base import Group


class ReportKind(enum.StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Recipient(Group):
    address: SecretStr
    """Mailbox of one of the staff: personal data, so nothing prints it."""
    language: str = Field(default="zh", pattern="^(zh|en)$")
    reports: tuple[ReportKind, ...] = (ReportKind.DAY, ReportKind.WEEK, ReportKind.MONTH)

    @field_validator("address")
    @classmethod
    def _is_a_mailbox(cls, value: SecretStr) -> SecretStr:
        return SecretStr(EmailAddress.parse(value.get_secret_value()).text())


class ReportsSettings(Group):
    recipients: tuple[Recipient, ...] = ()
    """Who gets reports by mail: for each an `address`, a `language` (`zh`, `en`), and which
    `reports` of `day`, `week`, `month`; without the latter two: `zh`, and all.
    """
    hour: int = Field(default=8, ge=0, le=23)
    """From this hour of the store's clock on, the report of what ended the night before is sent."""

    @model_validator(mode="after")
    def _each_mailbox_once(self) -> Self:
        addresses = {each.address.get_secret_value() for each in self.recipients}
        if len(addresses) < len(self.recipients):
            raise ValueError("a mailbox stands in reports.recipients once")
        return self

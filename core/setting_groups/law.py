"""Whose law the store goes by."""

from typing import Annotated

from pydantic import Field, StringConstraints

from core.setting_groups.base import Group

_Country = Annotated[str, StringConstraints(pattern="^([A-Z]{2})?$")]


class LawSettings(Group):
    profile: str = Field(default="", pattern="^(cn|eu|other)?$")
    """Whose law holds here: `cn`, `eu` or `other` (docs/law.md). A setting against it stops the
    start. Empty: by the first of `store.countries`."""
    crm_country: _Country = ""
    """Where the CRM keeps what it is sent (ISO 3166, `CN`). Nobody checks it. Empty: not known,
    but for those that docs/law.md names."""
    headquarters_country: _Country = ""
    """Likewise headquarters."""
    backup_country: _Country = ""
    """Likewise where backups go by SFTP or S3."""
    sms_country: _Country = ""
    """Likewise carriers of text messages."""
    mail_country: _Country = ""
    """Likewise the mail server."""
    export_basis: str = Field(default="", max_length=200)
    """By what personal data may leave the country, in your words. Empty: where the profile has it
    stay, a destination that is known to be abroad stops the start."""

"""Ways of logging in, beside WeChat's (`wechat`), and the mail server for codes and reports."""

import enum

from pydantic import Field, SecretStr

from core.setting_groups.base import Group, Port


class WaysSettings(Group):
    sms: bool = True
    """By a code in a text message; `sms.carriers` says who carries it."""
    email: bool = False
    """By a code in a mail, sent by `mail`. In China this is no real-name login."""
    voucher: bool = False
    """By a code on paper. In China this is no real-name login."""
    sponsor: bool = False
    """By asking the staff, who let a guest in. In China this is no real-name login."""
    device: bool = True
    """By one tap, on a phone that a member has logged in with before."""
    device_days: int = Field(default=30, ge=1, le=180)
    """For how many days after a login a member's phone is known."""


class MailSecurity(enum.StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailSettings(Group):
    host: str = ""
    """SMTP server that sends codes and reports. Empty: none."""
    port: Port = 587
    """Its port: 587 for `starttls`, 465 for `tls`."""
    sender: str = ""
    """Address that the mails come from."""
    user: str = ""
    """Name to log in with. Empty: no login."""
    password: SecretStr = SecretStr("")
    """Its password."""
    tls: MailSecurity = MailSecurity.STARTTLS
    """`starttls`, `tls` from the first byte, or `none` for a server on this box."""
    ca_file: str = ""
    """Authorities' certificates by which the server's is checked. Empty: the system's."""
    timeout_s: float = Field(default=8, gt=0, le=30)
    """How long the server may take for each answer, in seconds."""

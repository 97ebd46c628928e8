"""The store's line to the chain's headquarters (`doorman hq`)."""

import base64
import binascii
import urllib.parse
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from core import webhook_signature
from core.setting_groups.base import Group

_PUBLIC_KEY_BYTES = 32
_NEVER_LEAVES = {("http", host) for host in ("127.0.0.1", "::1", "localhost")}


class HeadquartersSettings(Group):
    url: str = Field(default="", pattern=r"^([^\s?#@]+)?$")
    """Where headquarters is, https. Empty: this store has none."""
    key: SecretStr = SecretStr("")
    """This store's key there: `doorman hq add-store` prints it."""
    public_key: str = ""
    """Key by which headquarters' pushed versions are checked: `doorman hq public-key` prints it.
    Empty: none is taken."""
    timeout_s: float = Field(default=8, gt=0, le=30)
    """How long headquarters may take for one answer, in seconds."""
    report_every_s: int = Field(default=180, ge=10, le=3600)
    """How often the store says how it is, in seconds."""
    visits: bool = True
    """Tell headquarters of each closed day's visits, as rows of nobody (docs/privacy.md), if
    `crm.kind` is `headquarters`."""

    @field_validator("public_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        try:
            octets = base64.b64decode(value, validate=True)
        except (ValueError, binascii.Error):
            octets = b"?"
        if len(octets) not in {0, _PUBLIC_KEY_BYTES}:
            raise ValueError("an Ed25519 key in base64, as `doorman hq public-key` prints it")
        return value

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        if self.url:
            _check_safe(self.url)
            try:
                webhook_signature.read_key(self.key.get_secret_value())
            except ValueError as error:
                raise ValueError(f"headquarters.url needs headquarters.key, and {error}") from None
        return self


def _check_safe(url: str) -> None:
    """Codes and personal data do not come over a network in the clear."""
    try:
        parts = urllib.parse.urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme, host) in _NEVER_LEAVES):
        raise ValueError(
            "headquarters.url must be https://..., or http:// to this machine (127.0.0.1)"
        )

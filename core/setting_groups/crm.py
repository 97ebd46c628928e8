"""The CRM."""

import enum
from typing import Self

from pydantic import Field, SecretStr, model_validator

from core.setting_groups.base import Group
from core.setting_groups.connectors import (
    HubspotSettings,
    SalesforceSettings,
    TrytonSettings,
    WecomSettings,
    YouzanSettings,
)


class CrmKind(enum.StrEnum):
    WEBHOOK = "webhook"
    """Signed batches of CloudEvents (docs/events)."""
    HEADQUARTERS = "headquarters"
    """The same to `headquarters.url`, which hands them on."""
    TRYTON = "tryton"
    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    YOUZAN = "youzan"
    WECOM = "wecom"


# What each kind cannot do without. The webhook's address may be missing: then news waits.
_NEEDED: dict[CrmKind, tuple[str, ...]] = {
    CrmKind.TRYTON: ("url", "database", "key"),
    CrmKind.HUBSPOT: ("access_token",),
    CrmKind.SALESFORCE: ("url", "client_id", "client_secret"),
    CrmKind.YOUZAN: ("client_id", "client_secret", "kdt_id"),
    CrmKind.WECOM: ("corp_id", "secret"),
}


class CrmSettings(Group):
    kind: CrmKind = CrmKind.WEBHOOK
    """Who is told."""
    url: str = ""
    """Where the CRM's webhook takes events. Empty: events wait in the outbox."""
    signing_key: SecretStr = SecretStr("")
    """Key shared with the CRM (`whsec_` and base64). Empty: one made on first start."""
    batch_size: int = Field(default=0, ge=0, le=1000)
    """Most events sent in one request; 0: 1000 to headquarters, 100 to others."""
    batch_bytes: int = Field(default=1_000_000, ge=1000, le=50_000_000)
    """About how much a request may hold before it is pressed, in bytes."""
    most_waiting: int = Field(default=200_000, ge=1000)
    """Events that wait of what may be lost; beyond, they are dropped (docs/sync.md)."""
    reconcile_url: str = ""
    """Where the CRM's webhook tells what it holds (docs/sync.md). Empty: it is not compared."""
    withdrawals_url: str = ""
    """Where the CRM's webhook tells who wants no marketing any more (docs/sync.md). Empty: it is
    not asked."""
    erasures_a_day: int = Field(default=20, ge=0, le=1_000_000)
    """Once so many members have gone within a day, the CRM's word alone takes no more of them:
    a person decides (docs/sync.md)."""
    timeout_s: float = Field(default=10, gt=0, le=120)
    """How long one request may take, in seconds."""
    tryton: TrytonSettings = TrytonSettings()
    hubspot: HubspotSettings = HubspotSettings()
    salesforce: SalesforceSettings = SalesforceSettings()
    youzan: YouzanSettings = YouzanSettings()
    wecom: WecomSettings = WecomSettings()

    @model_validator(mode="after")
    def _kind_is_set_up(self) -> Self:
        group = getattr(self, self.kind, None)
        missing = [name for name in _NEEDED.get(self.kind, ()) if not _text(getattr(group, name))]
        if missing:
            names = ", ".join(f"crm.{self.kind}.{name}" for name in missing)
            raise ValueError(f'crm.kind = "{self.kind}" also needs {names}')
        return self

    @property
    def largest_batch(self) -> int:
        return self.batch_size or (1000 if self.kind is CrmKind.HEADQUARTERS else 100)

    @property
    def is_on(self) -> bool:
        """Whether there is a CRM to send to."""
        return self.kind is not CrmKind.WEBHOOK or bool(self.url)

    @property
    def is_compared(self) -> bool:
        """Whether the CRM can be asked what it holds."""
        is_asked = self.kind is CrmKind.WEBHOOK and bool(self.reconcile_url)
        return is_asked or self.kind is CrmKind.HEADQUARTERS


def _text(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value

"""The CRM."""

from pydantic import Field, SecretStr

from core.setting_groups.base import Group


class CrmSettings(Group):
    url: str = ""
    """Where the CRM's webhook takes events. Empty: events wait in the outbox."""
    signing_key: SecretStr = SecretStr("")
    """Key shared with the CRM (`whsec_` and base64). Empty: one made on first start."""
    batch_size: int = Field(default=100, ge=1, le=1000)
    """Most events sent in one request."""
    timeout_s: float = Field(default=10, gt=0, le=120)
    """How long one request may take, in seconds."""

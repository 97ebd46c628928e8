"""Which CRM the settings ask for, if any."""

from core import clock, webhook_signature
from core.secret_file import Secrets
from core.settings import Settings, SettingsError
from crm.shape import Crm
from crm.webhook import WebhookCrm


def choose(settings: Settings, secrets: Secrets) -> Crm | None:
    """The CRM to send to; None leaves news in the outbox. SettingsError if a key is wrong."""
    if not settings.crm.url:
        return None
    given = settings.crm.signing_key.get_secret_value()
    try:
        key = webhook_signature.read_key(given) if given else secrets.crm_key
    except ValueError as error:
        raise SettingsError(f"crm.signing_key: {error}") from None
    return WebhookCrm(settings.crm.url, key, settings.crm.timeout_s, clock.now)

"""Which CRM the settings ask for, if any."""

import dataclasses
import hashlib
import importlib
from typing import Protocol

from core import clock, headquarters, webhook_signature
from core.database import Database
from core.sealing import Sealer
from core.secret_file import Secrets
from core.setting_groups.crm import CrmKind
from core.settings import Settings, SettingsError
from crm.counterpart import WebCounterpart
from crm.records import Records
from crm.setup import Setup
from crm.shape import Crm
from crm.signed_question import SignedQuestions
from crm.web_withdrawals import WebWithdrawals
from crm.webhook import WebhookCrm
from crm.withdrawals import Feed

# Where each is, by module; only the one that is asked for is loaded.
_CONNECTORS = {
    CrmKind.TRYTON: "crm.connectors.tryton.connector",
    CrmKind.HUBSPOT: "crm.connectors.hubspot",
    CrmKind.SALESFORCE: "crm.connectors.salesforce",
    CrmKind.YOUZAN: "crm.connectors.youzan",
    CrmKind.WECOM: "crm.connectors.wecom",
}


# Those that can be asked who has opted out there.
_WITHDRAWALS = {
    CrmKind.HUBSPOT: "crm.connectors.hubspot_withdrawals",
    CrmKind.SALESFORCE: "crm.connectors.salesforce_withdrawals",
}


class _Connector(Protocol):
    """What each of those modules offers."""

    def connect(self, setup: Setup) -> Crm:
        """The CRM; SettingsError if a setting is wrong."""


class _FeedMaker(Protocol):
    """What each of the modules of `_WITHDRAWALS` offers."""

    def connect(self, setup: Setup) -> Feed | None:
        """The feed, if the settings ask for it; SettingsError if one is wrong."""


@dataclasses.dataclass(frozen=True, slots=True)
class Withdrawals:
    """Who can be asked who wants no marketing any more, and how far it was asked."""

    feed: Feed
    records: Records


def choose(settings: Settings, secrets: Secrets, database: Database, sealer: Sealer) -> Crm | None:
    """The CRM to send to; None leaves news in the outbox. SettingsError names what is wrong."""
    kind = settings.crm.kind
    if not settings.crm.is_on:
        return None
    if kind is CrmKind.WEBHOOK:
        return _webhook(settings, secrets)
    if kind is CrmKind.HEADQUARTERS:
        return _headquarters(settings)
    connector: _Connector = importlib.import_module(_CONNECTORS[kind])
    records = Records(database, sealer, _memory(settings, kind), clock.now)
    return connector.connect(Setup(settings, records, clock.now))


def _memory(settings: Settings, kind: CrmKind) -> str:
    """The name of what is remembered of the account in use: another account, another memory."""
    return _named(kind, getattr(settings.crm, kind).account)


def _named(kind: CrmKind, account: tuple[str, ...]) -> str:
    named = "\n".join(each.rstrip("/") for each in account)
    return f"{kind[:7]}:{hashlib.sha256(named.encode()).hexdigest()[:8]}"


def counterpart(settings: Settings, secrets: Secrets) -> WebCounterpart | None:
    """Who can be asked what the CRM holds; None if nobody can. SettingsError as of `choose`."""
    kind, url = settings.crm.kind, settings.crm.reconcile_url
    if kind is CrmKind.HEADQUARTERS:
        url = f"{settings.headquarters.url.rstrip('/')}{headquarters.RECONCILE}"
        key = webhook_signature.read_key(settings.headquarters.key.get_secret_value())
    elif kind is CrmKind.WEBHOOK and url:
        key = _signing_key(settings, secrets)
    else:
        return None
    return WebCounterpart(_questions(settings, url, key, "crm.reconcile_url"))


def withdrawals(
    settings: Settings, secrets: Secrets, database: Database, sealer: Sealer
) -> Withdrawals | None:
    """None if nobody can be asked; headquarters tells by its own line. SettingsError as above."""
    kind, url = settings.crm.kind, settings.crm.withdrawals_url
    if kind is CrmKind.WEBHOOK and url:
        key = _signing_key(settings, secrets)
        feed: Feed | None = WebWithdrawals(_questions(settings, url, key, "crm.withdrawals_url"))
        records = Records(database, sealer, _named(CrmKind.WEBHOOK, (url,)), clock.now)
    elif kind in _WITHDRAWALS:
        records = Records(database, sealer, _memory(settings, kind), clock.now)
        maker: _FeedMaker = importlib.import_module(_WITHDRAWALS[kind])
        feed = maker.connect(Setup(settings, records, clock.now))
    else:
        return None
    return Withdrawals(feed, records) if feed else None


def _questions(settings: Settings, url: str, key: bytes, setting: str) -> SignedQuestions:
    timeout_s = settings.crm.timeout_s
    return SignedQuestions(url, key, timeout_s, clock.now, _from(settings), setting=setting)


def _from(settings: Settings) -> dict[str, str]:
    return {headquarters.STORE_HEADER: settings.store.id}


def _webhook(settings: Settings, secrets: Secrets) -> Crm:
    key = _signing_key(settings, secrets)
    return WebhookCrm(settings.crm.url, key, settings.crm.timeout_s, clock.now)


def _signing_key(settings: Settings, secrets: Secrets) -> bytes:
    given = settings.crm.signing_key.get_secret_value()
    try:
        return webhook_signature.read_key(given) if given else secrets.crm_key
    except ValueError as error:
        raise SettingsError(f"crm.signing_key: {error}") from None


def _headquarters(settings: Settings) -> Crm:
    line = settings.headquarters
    if not line.url:
        raise SettingsError('crm.kind = "headquarters" also needs headquarters.url')
    key = webhook_signature.read_key(line.key.get_secret_value())
    url = f"{line.url.rstrip('/')}/v1/events"
    store, timeout_s = _from(settings), settings.crm.timeout_s
    return WebhookCrm(url, key, timeout_s, clock.now, headers=store, is_headquarters=True)

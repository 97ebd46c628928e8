"""The chain's stores: who may ask, and where shoppers may be sent back to."""

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import webhook_signature
from core.sealing import Sealer
from core.webhook_signature import SignatureError
from hq import receipts
from hq.models.store import KEY, Store

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEY_BYTES = 32
_LONGEST_ADDRESS = 500
# No quotes, brackets or backslashes: the address is put into links as it is.
_ADDRESS = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%\[\]-]+", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class StoreError(ValueError):
    """A store cannot be registered so; the message says why."""


class ReplayError(SignatureError):
    """A message with this id has been here before."""


def add(
    session: Session, sealer: Sealer, store_id: str, portal_urls: list[str], now: dt.datetime
) -> str:
    """Register a store, or give a known one a new key; returns the key, to be set there."""
    if not _NAME.fullmatch(store_id):
        raise StoreError("a store's name is what store.id says there: a-z, 0-9 and hyphens")
    origins = [_origin(url) for url in portal_urls]
    if not origins or None in origins:
        raise StoreError("a portal's address is http(s)://host[:port], as portal.url says there")
    key = secrets.token_bytes(_KEY_BYTES)
    session.merge(
        Store(
            id=store_id,
            portal_urls=[origin for origin in origins if origin],
            sealed_key=sealer.seal(KEY, key),
            added_at=now,
        )
    )
    return webhook_signature.write_key(key)


def names(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Store.id).order_by(Store.id)))


def key_of(sealer: Sealer, store: Store) -> bytes:
    return sealer.open(KEY, store.sealed_key)


def authenticate(
    session: Session,
    sealer: Sealer,
    store_id: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: dt.datetime,
) -> Store:
    """The store that has signed `body`, for the first time; else SignatureError."""
    store = session.get(Store, store_id) if _NAME.fullmatch(store_id) else None
    if store is None:
        raise SignatureError("no such store")
    message_id = webhook_signature.check(key_of(sealer, store), headers, body, now)
    if receipts.take(session, sealer, f"store/{store_id}", message_id, now) is None:
        raise ReplayError("the message was sent before")
    return store


def is_own_address(store: Store, address: str) -> bool:
    """Whether `address` lies on one of the store's registered portals."""
    return len(address) <= _LONGEST_ADDRESS and _origin(address) in store.portal_urls


def _origin(address: str) -> str | None:
    """Scheme, host and port in one form; None if a browser could read the address otherwise."""
    if not _ADDRESS.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or parts.fragment or "#" in address:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{host}{shown}"

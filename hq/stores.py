"""The chain's stores: who may ask, and where shoppers may be sent back to."""

import dataclasses
import datetime as dt
import re
import unicodedata
import urllib.parse
from collections.abc import Mapping
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.sealing import Sealer
from core.webhook_signature import SignatureError
from hq import receipts, store_keys
from hq.models.region_day import CHAIN
from hq.models.store import Store

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LONGEST_ADDRESS = 500
# No quotes, brackets or backslashes: the address is put into links as it is.
_ADDRESS = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%\[\]-]+", re.ASCII)
_LONGEST_NAME = 80
# A name of a folder has 255 octets, and `region=` is in it.
_LONGEST_FOLDER = 240
# All regions, none (in addresses of pages), and none (in names of folders).
_NO_REGIONS = {CHAIN, "-", "__HIVE_DEFAULT_PARTITION__"}
_POLE = 90
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a store is, for the fleet's pages; None: as it was."""

    name: str | None = None
    region: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class StoreError(ValueError):
    """A store cannot be registered so; the message says why."""


class ReplayError(SignatureError):
    """A message with this id has been here before."""


def add(
    session: Session,
    sealer: Sealer,
    store_id: str,
    portal_urls: list[str],
    now: dt.datetime,
    *,
    place: Place | None = None,
) -> str:
    """Register a store, or change a known one and give it another key.

    Returns:
        The key, to be set there.
    """
    if not _NAME.fullmatch(store_id):
        raise StoreError("a store's name is what store.id says there: a-z, 0-9 and hyphens")
    origins = [_origin(url) for url in portal_urls]
    if not origins or None in origins:
        raise StoreError("a portal's address is http(s)://host[:port], as portal.url says there")
    store = session.get(Store, store_id)
    if store is None:
        store = Store(id=store_id, added_at=now)
        session.add(store)
    store.portal_urls = [origin for origin in origins if origin]
    _put(store, place or Place())
    session.flush()
    return store_keys.make(session, sealer, store_id, now)


def _put(store: Store, place: Place) -> None:
    if place.name is not None:
        if len(place.name) > _LONGEST_NAME or not _is_plain(place.name):
            raise StoreError(f"--name is one line of at most {_LONGEST_NAME} characters")
        store.name = place.name
    if place.region is not None:
        check_region(place.region)
        store.region = place.region
    if place.latitude is not None and place.longitude is not None:
        if not (abs(place.latitude) <= _POLE and abs(place.longitude) <= 2 * _POLE):
            raise StoreError("--at is a latitude up to 90 and a longitude up to 180 degrees")
        store.latitude, store.longitude = place.latitude, place.longitude


def check_region(region: str) -> None:
    """StoreError if no region can be called so: regions are folders' names, and are asked for."""
    octets = len(urllib.parse.quote(region, safe=""))
    if len(region) > _LONGEST_NAME or octets > _LONGEST_FOLDER or not _is_plain(region):
        raise StoreError(
            f"--region is one line of at most {_LONGEST_NAME} characters, of 26 if they are Chinese"
        )
    if region in _NO_REGIONS:
        raise StoreError(f"--region {region} means another thing: choose another name")


def _is_plain(text: str) -> bool:
    return not any(unicodedata.category(each) in {"Cc", "Cs"} for each in text)


def rotate_key(
    session: Session,
    sealer: Sealer,
    store_id: str,
    now: dt.datetime,
    old_until: dt.datetime | None = None,
) -> str:
    """Another key for a store; the ones that it has are good until it is used, and a grace.

    `old_until`: when those end even if it is not.
    """
    if session.get(Store, store_id) is None:
        raise StoreError("there is no store of that name: doorman hq stores")
    if old_until:
        store_keys.limit(session, store_id, old_until)
    return store_keys.make(session, sealer, store_id, now)


def names(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Store.id).order_by(Store.id)))


def authenticate(
    session: Session,
    sealer: Sealer,
    store_id: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: dt.datetime,
    grace: dt.timedelta = store_keys.GRACE,
) -> Store:
    """The store that has signed `body`, for the first time; else SignatureError."""
    check_name(store_id)
    message_id = store_keys.check(
        session, sealer, store_id, headers=headers, body=body, now=now, grace=grace
    )
    if receipts.take(session, sealer, f"store/{store_id}", message_id, now) is None:
        raise ReplayError("the message was sent before")
    return session.get_one(Store, store_id)


def check_name(store_id: str) -> None:
    """SignatureError if no store can be called so."""
    if not _NAME.fullmatch(store_id):
        raise SignatureError("no such store")


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

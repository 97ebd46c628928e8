"""Versions as headquarters publishes them, and a store that takes them."""

import base64
import datetime as dt

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core import webhook_signature
from core.pushed import document as documents
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.store import StoreSettings
from core.settings import Settings

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
T0 = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)


def campaign(key="spring", **changes):
    return {
        "key": key,
        "name": "Spring",
        "starts_at": T0 - dt.timedelta(days=1),
        "ends_at": T0 + dt.timedelta(days=30),
        "heading": "新品",
        **changes,
    }


def version(number=1, *, stores=None, **said):
    return documents.from_toml(said, number, stores, T0)


def signed(number=1, *, key=KEY, stores=None, **said):
    """Bytes and signature."""
    content = documents.canonical(version(number, stores=stores, **said))
    return content, documents.sign(key, content)


def store(data_dir, url="http://127.0.0.1:1", public_key=PUBLIC_KEY, **groups):
    line = HeadquartersSettings(
        url=url, key=webhook_signature.write_key(bytes(32)), public_key=public_key
    )
    return Settings(
        data_dir=data_dir, **{"store": StoreSettings(id="store-7"), "headquarters": line, **groups}
    )

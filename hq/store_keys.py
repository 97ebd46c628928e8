"""The keys by which stores sign. Several of one store may be good at a time, so that a change
of keys keeps no store waiting.

    rotate      a new key; the earlier ones are good as before
    first use   of the new one: the earlier ones are good for a grace and no longer, since the
                store's other programs may not have been started anew yet
    revoke      ends keys at once
"""

import contextlib
import datetime as dt
import secrets
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import webhook_signature
from core.sealing import SealBrokenError, Sealer
from core.webhook_signature import SignatureError
from hq.models.store import KEY, StoreKey

GRACE = dt.timedelta(hours=1)
_KEY_BYTES = 32
_FORMER = "stores.sealed_key"
# Each use would be a write.
_NOTED_EVERY = dt.timedelta(hours=1)


def make(session: Session, sealer: Sealer, store_id: str, now: dt.datetime) -> str:
    """A new key beside those that the store has, in the form in which it is set there."""
    key = secrets.token_bytes(_KEY_BYTES)
    session.add(StoreKey(store_id=store_id, sealed_key=sealer.seal(KEY, key), made_at=now))
    return webhook_signature.write_key(key)


def move_in(session: Session, sealer: Sealer) -> int:
    """Seal keys from before stores had several anew, for their new place; how many."""
    count = 0
    # They were moved by the database alone, so none of them has been used since.
    for key in session.scalars(sa.select(StoreKey).where(StoreKey.used_at.is_(None))):
        try:
            sealer.open(KEY, key.sealed_key)
        except SealBrokenError:
            with contextlib.suppress(SealBrokenError):
                key.sealed_key = sealer.seal(KEY, sealer.open(_FORMER, key.sealed_key))
                count += 1
    return count


def limit(session: Session, store_id: str, until: dt.datetime) -> None:
    """Let no key that there is be good for longer."""
    session.execute(
        sa.update(StoreKey)
        .where(
            StoreKey.store_id == store_id,
            sa.or_(StoreKey.expires_at.is_(None), StoreKey.expires_at > until),
        )
        .values(expires_at=until)
    )


def revoke(session: Session, store_id: str, key_id: int | None, now: dt.datetime) -> int:
    """End one key of a store, or all of them; how many were not over already."""
    chosen = [StoreKey.store_id == store_id, StoreKey.revoked_at.is_(None)]
    if key_id is not None:
        chosen.append(StoreKey.id == key_id)
    ended = sa.update(StoreKey).where(*chosen).values(revoked_at=now)
    return session.connection().execute(ended).rowcount


def listed(session: Session, store_id: str) -> Sequence[StoreKey]:
    """All keys of a store, good or not, oldest first."""
    wanted = sa.select(StoreKey).where(StoreKey.store_id == store_id).order_by(StoreKey.id)
    return session.scalars(wanted).all()


def is_good(key: StoreKey, now: dt.datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def current(session: Session, sealer: Sealer, store_id: str, now: dt.datetime) -> bytes | None:
    """The key that the store signed with last, by which it checks what comes back to it."""
    good = [key for key in listed(session, store_id) if is_good(key, now)]
    if not good:
        return None
    used = [key for key in good if key.used_at]
    last = max(used, key=lambda key: (key.used_at, key.id)) if used else good[-1]
    return sealer.open(KEY, last.sealed_key)


def check(
    session: Session,
    sealer: Sealer,
    store_id: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: dt.datetime,
    grace: dt.timedelta = GRACE,
) -> str:
    """The id of a message that a good key of the store has signed, lately; else SignatureError.

    All of them are tried whichever fits, and one that nobody has if there is none, so that the
    time taken tells nothing.
    """
    good = [key for key in listed(session, store_id) if is_good(key, now)]
    fitting: StoreKey | None = None
    message_id, reason = "", SignatureError("no such store, or none of its keys is good")
    if not good:
        _signed_by(bytes(_KEY_BYTES), headers, body, now)
    for key in good:
        found = _signed_by(sealer.open(KEY, key.sealed_key), headers, body, now)
        if isinstance(found, str):
            fitting, message_id = key, found
        else:
            reason = found
    if fitting is None:
        raise reason
    _note(session, fitting, good, now, grace)
    return message_id


def _signed_by(
    key: bytes, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> str | SignatureError:
    try:
        return webhook_signature.check(key, headers, body, now)
    except SignatureError as error:
        return error


def _note(
    session: Session,
    key: StoreKey,
    good: Sequence[StoreKey],
    now: dt.datetime,
    grace: dt.timedelta,
) -> None:
    """Write down that a key was used: once an hour, and when it takes another's place."""
    if key.used_at is None:
        earlier = [each.id for each in good if each.id < key.id]
        session.execute(
            sa.update(StoreKey)
            .where(
                StoreKey.id.in_(earlier),
                sa.or_(StoreKey.expires_at.is_(None), StoreKey.expires_at > now + grace),
            )
            .values(expires_at=now + grace)
        )
    others = [each.used_at for each in good if each is not key and each.used_at]
    is_last = key.used_at is not None and all(key.used_at >= other for other in others)
    if key.used_at is None or not is_last or now - key.used_at >= _NOTED_EVERY:
        session.execute(sa.update(StoreKey).where(StoreKey.id == key.id).values(used_at=now))

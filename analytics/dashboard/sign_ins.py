"""Browsers that are signed in. No Flask.

Kept in the database and not in the cookie alone, so that signing out ends what a copied cookie
could do, and a changed password or role ends all of a user's sign-ins, in every worker process.
"""

import dataclasses
import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.database import Database
from core.models.sign_in import SignIn
from core.models.user import Role, User
from core.sealing import Sealer

# So often at most a sign-in's row is written, however fast somebody clicks.
_TO_THE = dt.timedelta(minutes=1)
_TOKEN_BYTES = 32


@dataclasses.dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks."""

    user_id: int
    name: str
    role: Role
    has_codes: bool
    """Whether signing in took a code as well."""


@dataclasses.dataclass(frozen=True, slots=True)
class Lifetime:
    longest: dt.timedelta
    """However busy."""
    idle: dt.timedelta


def begin(database: Database, sealer: Sealer, user_id: int, now: dt.datetime) -> str:
    """Sign a browser in; returns the word for its cookie."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with database.writing() as session:
        session.add(
            SignIn(token_lookup=_lookup(sealer, token), user_id=user_id, begun_at=now, seen_at=now)
        )
    return token


def find(
    database: Database,
    sealer: Sealer,
    token: str,
    lifetime: Lifetime,
    now: dt.datetime,
    *,
    is_active: bool = True,
) -> SignedIn | None:
    """Whose browser this is; None: nobody's, or it has been signed in or idle for too long.

    Not `is_active` is a page that has fetched itself anew: nobody has done anything.
    """
    wanted = (
        sa.select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_lookup == _lookup(sealer, token),
            SignIn.begun_at > now - lifetime.longest,
            SignIn.seen_at > now - lifetime.idle,
        )
    )
    with database.reading() as session:
        row = session.execute(wanted).first()
    if row is None:
        return None
    sign_in, user = row
    if is_active and now - sign_in.seen_at >= _TO_THE:
        with database.writing() as session:
            session.execute(sa.update(SignIn).where(SignIn.id == sign_in.id).values(seen_at=now))
    return SignedIn(user.id, user.name, user.role, user.totp_since is not None)


def end(database: Database, sealer: Sealer, token: str) -> None:
    with database.writing() as session:
        session.execute(sa.delete(SignIn).where(SignIn.token_lookup == _lookup(sealer, token)))


def end_all(session: Session, user_id: int) -> None:
    """Everywhere, in the transaction of the change that is the reason."""
    session.execute(sa.delete(SignIn).where(SignIn.user_id == user_id))


def _lookup(sealer: Sealer, token: str) -> bytes:
    return sealer.lookup("sign_in", token.encode())

"""A user's second factor: setting it up, asking for it, taking it off. No Flask."""

import dataclasses
import datetime as dt

import sqlalchemy as sa

from analytics.dashboard import totp
from core.database import Database
from core.models import user as users
from core.models.user import User
from core.sealing import SealBrokenError, Sealer


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """A second factor that no code has confirmed yet."""

    address: str
    """For the QR code."""
    printed: str

    def __repr__(self) -> str:
        return "Draft(hidden)"


def is_on(database: Database, user_id: int) -> bool:
    """Whether this user's sign-in asks for a code."""
    wanted = sa.select(User.totp_since).where(User.id == user_id)
    with database.reading() as session:
        return session.scalar(wanted) is not None


def begin(database: Database, sealer: Sealer, user_id: int) -> None:
    """Make a secret, in place of one that was not confirmed; not of one that is in use."""
    sealed = sealer.seal(users.TOTP_SECRET, totp.new_secret())
    with database.writing() as session:
        session.execute(
            sa.update(User)
            .where(User.id == user_id, User.totp_since.is_(None))
            .values(sealed_totp_secret=sealed, totp_step=None)
        )


def draft(database: Database, sealer: Sealer, user_id: int, issuer: str) -> Draft | None:
    """What to show for the secret that `begin` has made; None: there is none, or it is in use."""
    with database.reading() as session:
        user = session.get(User, user_id)
    if user is None or user.totp_since is not None or user.sealed_totp_secret is None:
        return None
    try:
        secret = sealer.open(users.TOTP_SECRET, user.sealed_totp_secret)
    except SealBrokenError:
        return None
    return Draft(totp.address(secret, issuer, user.name), totp.printed(secret))


def confirm(database: Database, sealer: Sealer, user_id: int, typed: str, now: dt.datetime) -> bool:
    """Ask for codes from now on, if this one is right."""
    if not check(database, sealer, user_id, typed, now):
        return False
    with database.writing() as session:
        session.execute(
            sa.update(User)
            .where(User.id == user_id, User.totp_since.is_(None))
            .values(totp_since=now)
        )
    return True


def check(database: Database, sealer: Sealer, user_id: int, typed: str, now: dt.datetime) -> bool:
    """Whether it is this user's code of now. It is good once, and none before it is any more.

    A secret that does not open lets nobody in: `doorman user totp-off` does.
    """
    with database.writing() as session:
        user = session.get(User, user_id, with_for_update=True)
        if user is None or user.sealed_totp_secret is None:
            return False
        try:
            secret = sealer.open(users.TOTP_SECRET, user.sealed_totp_secret)
        except SealBrokenError:
            return False
        step = totp.step_of(secret, typed, now.timestamp())
        if step is None or (user.totp_step is not None and step <= user.totp_step):
            return False
        user.totp_step = step
        return True


def take_off(database: Database, user_id: int) -> None:
    with database.writing() as session:
        session.execute(
            sa.update(User)
            .where(User.id == user_id)
            .values(sealed_totp_secret=None, totp_since=None, totp_step=None)
        )

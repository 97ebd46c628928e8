"""Who may open the dashboard: rules for names and passwords, without Flask."""

import datetime as dt
import functools
import re
import secrets

import sqlalchemy as sa
from werkzeug.security import check_password_hash, generate_password_hash

from core.database import Database
from core.models.user import User

SHORTEST_PASSWORD = 10
# Hashing takes longer the longer the text is; nobody types more.
LONGEST_PASSWORD = 200
_NAME = re.compile(r"[\w.@+-]{1,64}")


class AccountError(ValueError):
    """This account cannot be made; the message says what to change."""


def add(database: Database, name: str, password: str, now: dt.datetime) -> None:
    """Let somebody in from now on, or raise AccountError."""
    if not _NAME.fullmatch(name):
        raise AccountError("a name is 1 to 64 letters, digits or . _ @ + -")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters;"
            " a few unrelated words do well"
        )
    if password.casefold() == name.casefold():
        raise AccountError("the password must not be the name")
    try:
        with database.writing() as session:
            session.add(User(name=name, password_hash=_hash(password), created_at=now))
    except sa.exc.IntegrityError as error:
        raise AccountError("there is a user of this name already") from error


def identify(database: Database, name: str, password: str) -> int | None:
    """The id of the user with this name and password, or None.

    It takes as long for a name that does not exist, so that names cannot be probed.
    """
    with database.reading() as session:
        user = session.scalar(sa.select(User).where(User.name == name))
    known = user.password_hash if user else _nobody()
    if len(password) > LONGEST_PASSWORD or not check_password_hash(known, password):
        return None
    return user.id if user else None


def name_of(database: Database, user_id: int) -> str | None:
    """The name of a user who still exists, or None."""
    with database.reading() as session:
        return session.scalar(sa.select(User.name).where(User.id == user_id))


def _hash(password: str) -> str:
    return generate_password_hash(password, method="scrypt")


@functools.cache
def _nobody() -> str:
    return _hash(secrets.token_hex())

"""Who may open the dashboard: rules for names, passwords and roles, without Flask."""

import datetime as dt
import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.dashboard import easy_passwords, passwords, sign_ins
from core.database import Database
from core.models.user import Role, User

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
"""Of new ones. Older ones may have up to `passwords.LONGEST`."""
_NAME = re.compile(r"[\w.@+-]{1,64}")


class AccountError(ValueError):
    """This account cannot be made or changed so; the message says what to change."""


class PasswordError(AccountError):
    """It is the password that is no good."""


class UnknownUserError(AccountError):
    def __init__(self) -> None:
        super().__init__("there is no user of this name: doorman user list")


def add(
    database: Database, name: str, password: str, now: dt.datetime, role: Role | None = None
) -> Role:
    """Let somebody in from now on, or raise AccountError.

    A `role` of None is for the first user of all, who becomes the manager.
    """
    if not _NAME.fullmatch(name):
        raise AccountError("a name is 1 to 64 letters, digits or . _ @ + -")
    _check(name, password)
    password_hash = passwords.hashed(password)
    try:
        with database.writing() as session:
            if role is None:
                if session.scalar(sa.select(sa.func.count(User.id))):
                    raise AccountError(f"say a role: {', '.join(Role)}")
                role = Role.MANAGER
            user = User(name=name, role=role, password_hash=password_hash, created_at=now)
            session.add(user)
    except sa.exc.IntegrityError as error:
        raise AccountError("there is a user of this name already") from error
    return role


def everybody(database: Database) -> Sequence[User]:
    with database.reading() as session:
        return session.scalars(sa.select(User).order_by(User.name)).all()


def find(database: Database, user_id: int) -> User | None:
    with database.reading() as session:
        return session.get(User, user_id)


def id_of(database: Database, name: str) -> int | None:
    with database.reading() as session:
        return session.scalar(sa.select(User.id).where(User.name == name))


def identify(database: Database, name: str, password: str) -> int | None:
    """The id of the user with this name and password, or None.

    It takes as long for a name that does not exist, so that names cannot be probed. A hash of
    an earlier version is replaced.
    """
    with database.reading() as session:
        user = session.scalar(sa.select(User).where(User.name == name))
    known = user.password_hash if user else None
    if not passwords.matches(known, password) or user is None:
        return None
    if passwords.is_dated(user.password_hash):
        _replace_hash(database, user, password)
    return user.id


def set_password(database: Database, name: str, password: str) -> None:
    """Give a user another password, and sign them out everywhere; or raise AccountError."""
    _check(name, password)
    password_hash = passwords.hashed(password)
    with database.writing() as session:
        user = _named(session, name)
        user.password_hash = password_hash
        sign_ins.end_all(session, user.id)


def set_role(database: Database, name: str, role: Role) -> None:
    """Sign a user out everywhere; with the new role they sign in anew. Or raise AccountError."""
    with database.writing() as session:
        user = _named(session, name)
        user.role = role
        sign_ins.end_all(session, user.id)


def remove(database: Database, name: str) -> None:
    """Let somebody in no more, or raise AccountError. What they did stays in the audit log."""
    with database.writing() as session:
        session.delete(_named(session, name))


def _named(session: Session, name: str) -> User:
    user = session.scalar(sa.select(User).where(User.name == name).with_for_update())
    if user is None:
        raise UnknownUserError
    return user


def _check(name: str, password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters;"
            " a few unrelated words do well"
        )
    if password.casefold() == name.casefold():
        raise PasswordError("the password must not be the name")
    if easy_passwords.is_easy(password, name):
        raise PasswordError(
            "this password is among the first that anybody tries; a few unrelated words do well"
        )


def _replace_hash(database: Database, user: User, password: str) -> None:
    """Unless somebody has changed the password meanwhile."""
    with database.writing() as session:
        session.execute(
            sa.update(User)
            .where(User.id == user.id, User.password_hash == user.password_hash)
            .values(password_hash=passwords.hashed(password))
        )

"""Words that programs show to read figures, or metrics. No Flask.

A token is random and shown once, to whoever makes it; kept is its blind index, so that a copy
of the database reads nothing.
"""

import datetime as dt
import re
import secrets

import sqlalchemy as sa

from core.database import Database
from core.models.api_token import ApiToken, Scope
from core.sealing import Sealer

LONGEST_NAME = 64
VALID_DAYS = (30, 90, 365)

# By this, whoever finds one in a program's source knows what it opens.
_PREFIX = "doorman_"
_BYTES = 32
_TOKEN = re.compile(_PREFIX + r"[A-Za-z0-9_-]{43}")


def make(
    database: Database,
    sealer: Sealer,
    name: str,
    days: int,
    now: dt.datetime,
    *,
    scope: Scope = Scope.FIGURES,
    token: str | None = None,
) -> str:
    """A token for `scope`, valid for so many days; a new one, unless `token` is given.

    One that is there already is valid anew, as what is now said.

    Raises:
        ValueError: the name is empty or too long, the days are none of VALID_DAYS, or `token`
            is none of ours.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or days not in VALID_DAYS:
        raise ValueError("a token needs a name and one of the times that it may be valid")
    if token is None:
        token = _PREFIX + secrets.token_urlsafe(_BYTES)
    if not _TOKEN.fullmatch(token):
        raise ValueError("that is no token such as `doorman token add` prints")
    row = ApiToken(
        name=name,
        token_lookup=_lookup(sealer, token),
        scope=scope,
        made_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    with database.writing() as session:
        session.execute(sa.delete(ApiToken).where(ApiToken.token_lookup == row.token_lookup))
        session.add(row)
    return token


def everyone(database: Database) -> list[ApiToken]:
    """Expired ones too, newest first."""
    with database.reading() as session:
        return list(session.scalars(sa.select(ApiToken).order_by(ApiToken.id.desc())))


def revoke(database: Database, number: int) -> bool:
    """Whether there was one of this number."""
    with database.writing() as session:
        gone = sa.delete(ApiToken).where(ApiToken.id == number).returning(ApiToken.id)
        return session.execute(gone).first() is not None


def is_good(
    database: Database,
    sealer: Sealer,
    token: str,
    now: dt.datetime,
    today: dt.date,
    *,
    scope: Scope = Scope.FIGURES,
) -> bool:
    """Whether a program may read what `scope` says with it now; notes the day."""
    if not _TOKEN.fullmatch(token):
        return False
    wanted = sa.select(ApiToken.id, ApiToken.used_on).where(
        ApiToken.token_lookup == _lookup(sealer, token),
        ApiToken.scope == scope,
        ApiToken.expires_at > now,
    )
    with database.reading() as session:
        found = session.execute(wanted).first()
    if found is None:
        return False
    if found.used_on != today:
        with database.writing() as session:
            session.execute(
                sa.update(ApiToken).where(ApiToken.id == found.id).values(used_on=today)
            )
    return True


def _lookup(sealer: Sealer, token: str) -> bytes:
    return sealer.lookup("api_token", token.encode())

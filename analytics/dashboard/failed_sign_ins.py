"""Counts failed sign-ins, so that passwords and codes cannot be tried out by the thousand.

In the database, under blind indexes: every worker process counts the same, a restart forgets
nothing, and what somebody typed for a name, a password perhaps, is not kept.

A try is written before it is looked at, and counted then. So of many at once no more get through
than of as many in a row: the last of them to be written sees all.
"""

import datetime as dt

import sqlalchemy as sa

from core.database import Database
from core.models.sign_in import FailedSignIn
from core.sealing import Sealer

WINDOW = dt.timedelta(minutes=15)
ALLOWED = 5
"""For one name, from one address."""
ALLOWED_IN_ALL = 20
"""For one name from wherever, and from one address for whatever names.

More than one address may have wrong: else anybody on the management network could lock everybody
out from one machine.
"""


def begin(database: Database, sealer: Sealer, name: str, address: str, now: dt.datetime) -> bool:
    """Whether this name may be tried from this address now. What follows counts as failed,
    unless `clear` says otherwise.
    """
    of_name, of_address = _lookups(sealer, name, address)
    with database.writing() as session:
        tried = FailedSignIn(name_lookup=of_name, address_lookup=of_address, tried_at=now)
        session.add(tried)
        session.flush()
        number = tried.id
    is_name = FailedSignIn.name_lookup == of_name
    is_address = FailedSignIn.address_lookup == of_address
    wanted = sa.select(
        sa.func.count().filter(is_name, is_address),
        sa.func.count().filter(is_name),
        sa.func.count().filter(is_address),
    ).where(sa.or_(is_name, is_address), FailedSignIn.tried_at > now - WINDOW)
    with database.reading() as session:
        both, name_only, address_only = session.execute(wanted).one()
    if both <= ALLOWED and max(name_only, address_only) <= ALLOWED_IN_ALL:
        return True
    # Else who goes on trying would never be let in again.
    with database.writing() as session:
        session.execute(sa.delete(FailedSignIn).where(FailedSignIn.id == number))
    return False


def clear(database: Database, sealer: Sealer, name: str, address: str) -> None:
    """After a success: wipe the slate of this name at this address, and of no other."""
    of_name, of_address = _lookups(sealer, name, address)
    with database.writing() as session:
        session.execute(
            sa.delete(FailedSignIn).where(
                FailedSignIn.name_lookup == of_name, FailedSignIn.address_lookup == of_address
            )
        )


def _lookups(sealer: Sealer, name: str, address: str) -> tuple[bytes, bytes]:
    return (
        sealer.lookup("sign_in_name", name.encode()),
        sealer.lookup("sign_in_address", address.encode()),
    )

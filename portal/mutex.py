"""One at a time for one number or one phone, so that two requests cannot both be first.

Limits and "find or make" read first and write later. On SQLite a writing transaction
is alone anyway. PostgreSQL lets two read the same count, so there a lock stands between
them, held until the transaction ends. Take a device's before a number's: always the
same order, or two requests could wait for each other.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session


def hold(session: Session, lookup: bytes) -> None:
    """Wait until no other transaction holds `lookup` (a blind index), then hold it."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(lookup[:8], "big", signed=True)
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))

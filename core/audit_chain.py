"""Chains the audit log: whoever adds an entry gives it number, salt and hash just before it is
written. `access_log.audit_verification` goes through it.

Entries are in plain, so whoever may write the database can chain all of it anew. What shows that
is where it stood before: a row of the access log each day, or what somebody has kept.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import chain, periods
from core.models.audit_entry import HEAD_ID, AuditEntry, AuditHead, plain

CHAINED = "audit.chained"
"""The action of the entry after those that were written before there was a chain."""
FIRST = {
    "id": HEAD_ID,
    "number": 0,
    "hash": chain.FIRST,
    "forgotten": 0,
    "forgotten_hash": chain.FIRST,
}


def head(session: Session) -> AuditHead:
    """The chain's end, held until the transaction ends."""
    wanted = sa.select(AuditHead).where(AuditHead.id == HEAD_ID).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is not None:
        return found
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    session.execute(insert(AuditHead).values(FIRST).on_conflict_do_nothing())
    return session.scalars(wanted).one()


def write(session: Session, *_: object) -> None:
    """Number and chain what is new. `core.database` has it called before each flush."""
    new = [each for each in session.new if isinstance(each, AuditEntry)]
    if not new:
        return
    end = head(session)
    for entry in new:
        entry.id = end.number = end.number + 1
        entry.salt = chain.salt()
        columns = (each.key for each in sa.inspect(AuditEntry).column_attrs)
        row = {name: getattr(entry, name) for name in columns}
        entry.hash = end.hash = chain.link(end.hash, plain(row))


def forget(session: Session, now: dt.datetime) -> int:
    """Delete the oldest entries, as far as all have outlived their purpose; how many.

    Number and hash of the last one stay, so that verification goes on from there.
    """
    due = now - periods.AUDIT_ENTRY
    end = head(session)
    first_kept = session.scalar(sa.select(sa.func.min(AuditEntry.id)).where(AuditEntry.at >= due))
    over = AuditEntry.id < (end.number + 1 if first_kept is None else first_kept)
    last = session.execute(
        sa.select(AuditEntry.id, AuditEntry.hash)
        .where(over)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return 0
    end.forgotten_until = session.scalar(sa.select(sa.func.max(AuditEntry.at)).where(over))
    end.forgotten, end.forgotten_hash, end.forgotten_on = last.id, last.hash, now
    return session.connection().execute(sa.delete(AuditEntry).where(over)).rowcount


def begin(connection: sa.Connection, now: dt.datetime) -> None:
    """Chain the entries that are there, oldest first, as they are; then one that says so.

    For migrations, from the form of the tables that they make.
    """
    entries, ends = _tables()
    number, link = 0, chain.FIRST
    for found in connection.execute(sa.select(*entries.columns).order_by(entries.c.id)).all():
        number += 1
        row = found._asdict() | {"id": number, "salt": chain.salt()}
        link = row["hash"] = chain.link(link, plain(row))
        values = {name: row[name] for name in ("id", "salt", "hash")}
        # A number is never above the one that it takes the place of.
        connection.execute(sa.update(entries).where(entries.c.id == found.id).values(values))
    if number:
        row = dict.fromkeys(entries.columns.keys()) | {
            "id": number + 1,
            "at": now,
            "action": CHAINED,
            "number": number,
            "salt": chain.salt(),
        }
        number, link = number + 1, chain.link(link, plain(row))
        connection.execute(sa.insert(entries).values(row | {"hash": link}))
    connection.execute(sa.insert(ends).values(FIRST | {"number": number, "hash": link}))


def _tables() -> tuple[sa.TableClause, sa.TableClause]:
    moment: sa.types.TypeEngine[Any] = AuditEntry.__table__.c.at.type
    entries = sa.table(
        "audit_entries",
        sa.column("id", sa.BigInteger),
        sa.column("at", moment),
        *(sa.column(name, sa.String) for name in ("user_name", "role", "address", "action")),
        *(sa.column(name, sa.String) for name in ("member", "about_user", "reason", "salt")),
        *(sa.column(name, sa.Integer) for name in ("number", "refused_with")),
        sa.column("hash", sa.LargeBinary),
    )
    ends = sa.table(
        "audit_head",
        *(sa.column(name, sa.BigInteger) for name in ("id", "number", "forgotten")),
        *(sa.column(name, sa.LargeBinary) for name in ("hash", "forgotten_hash")),
    )
    return entries, ends

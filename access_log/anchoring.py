"""Has somebody else keep where the chain stands, so that nobody can write it anew unseen."""

import dataclasses
import datetime as dt
import json

import sqlalchemy as sa

from core import access_records
from core.access_records import Draft
from core.database import Database
from core.models.access_record import (
    BODY,
    HEAD_ID,
    AccessDay,
    AccessHead,
    AccessRecord,
    Kind,
)
from core.sealing import SealBrokenError, Sealer

EVERY = dt.timedelta(days=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Anchor:
    number: int
    hash: bytes

    def __str__(self) -> str:
        """As it is printed, and as `doorman access-log verify --anchor` takes it."""
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """ValueError if it is none."""
        number, _, digest = text.strip().partition(":")
        made = cls(int(number), bytes.fromhex(digest))
        if made.number < 1 or len(made.hash) != 32:  # noqa: PLR2004 - SHA-256
            raise ValueError("an anchor is NUMBER:HASH, with 64 hexadecimal digits")
        return made


def head(database: Database) -> Anchor | None:
    """Where the chain stands; None if it is empty."""
    with database.reading() as session:
        found = session.get(AccessHead, HEAD_ID)
        return Anchor(found.number, found.hash) if found and found.number else None


def due(database: Database) -> Anchor | None:
    """The anchor to be kept, if a day has ended since the last."""
    with database.reading() as session:
        waiting = session.scalar(
            sa.select(AccessDay.day).where(AccessDay.anchored_at.is_(None)).limit(1)
        )
    return head(database) if waiting is not None else None


def kept(database: Database, sealer: Sealer, anchor: Anchor, where: str, now: dt.datetime) -> None:
    """Write down that `where` keeps it: in the log, and with each day that it stands for."""
    with database.writing() as session:
        days = sa.update(AccessDay).where(
            AccessDay.anchored_at.is_(None), AccessDay.last <= anchor.number
        )
        session.execute(days.values(anchored_at=now, anchored_where=where))
        body = {"where": where, "anchor": str(anchor)}
        access_records.note(session, sealer, Draft(Kind.ANCHORED, now, body))


def write_down(
    database: Database, sealer: Sealer, log: str, stands: Anchor, now: dt.datetime
) -> None:
    """Where another log stands: whoever keeps where this one does keeps that as well."""
    with database.writing() as session:
        body = {"where": "access log", log: str(stands)}
        access_records.note(session, sealer, Draft(Kind.ANCHORED, now, body))


def written_down(database: Database, sealer: Sealer, log: str) -> list[Anchor]:
    """Every place where that log stood."""
    wanted = sa.select(AccessRecord.sealed_body).where(AccessRecord.kind == Kind.ANCHORED)
    found = []
    with database.reading() as session:
        for sealed in session.scalars(wanted):
            try:
                body = json.loads(sealer.open(BODY, sealed))
            except SealBrokenError:
                # That this log's own verification tells.
                continue
            if log in body:
                found.append(Anchor.parse(body[log]))
    return found

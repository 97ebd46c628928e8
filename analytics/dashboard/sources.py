"""Sales guides and posters, their QR codes, and how many members each has brought. No Flask."""

import dataclasses
import datetime as dt
import io
import secrets

import segno
import sqlalchemy as sa

from analytics.figures import suppression
from core.database import Database
from core.models.attribution import MemberSource, Source, SourceKind
from core.models.member import Member

LONGEST_NAME = 80
# Over 32 bits: nobody hits another guide's code by a slip of the thumb.
_CODE_BYTES = 4


@dataclasses.dataclass(frozen=True, slots=True)
class SourceLine:
    source: Source
    members: int | None
    """Put down to it now; None: too few to be shown."""


@dataclasses.dataclass(frozen=True, slots=True)
class SourceList:
    lines: tuple[SourceLine, ...]
    nobodys: int | None
    """Members whom nobody counts as having brought."""


def found(database: Database, k: int, now: dt.datetime) -> SourceList:
    """Every source, the newest first; counts from which one below `k` follows are withheld."""
    with database.reading() as session:
        sources = session.scalars(sa.select(Source).order_by(Source.id.desc())).all()
        rows = session.execute(
            sa.select(MemberSource.source_id, sa.func.count())
            .where(MemberSource.until > now)
            .group_by(MemberSource.source_id)
        )
        brought = {row[0]: row[1] for row in rows}
        everybody = session.scalar(sa.select(sa.func.count(Member.id))) or 0
    counts = [brought.get(source.id, 0) for source in sources]
    # The page of members says how many there are in all.
    *shown, nobodys = suppression.shown_parts([*counts, everybody - sum(counts)], k)
    pairs = zip(sources, shown, strict=True)
    return SourceList(tuple(SourceLine(source, count) for source, count in pairs), nobodys)


def add(database: Database, kind: str, name: str, now: dt.datetime) -> bool:
    """Make a source; False if its name or kind is none."""
    name = " ".join(name.split())
    if kind not in set(SourceKind) or not 1 <= len(name) <= LONGEST_NAME:
        return False
    code = secrets.token_hex(_CODE_BYTES)
    with database.writing() as session:
        session.add(Source(kind=SourceKind(kind), name=name, code=code, created_at=now))
    return True


def find(database: Database, number: int) -> Source | None:
    with database.reading() as session:
        return session.get(Source, number)


def end(database: Database, number: int, now: dt.datetime) -> None:
    with database.writing() as session:
        source = session.get(Source, number)
        if source is not None and source.ended_at is None:
            source.ended_at = now


def address(portal_url: str, source: Source) -> str:
    """Where its QR code leads."""
    return f"{portal_url.rstrip('/')}/?from={source.code}"


def qr_drawing(text: str) -> str:
    """An SVG element for a page, small as vouchers are."""
    return segno.make(text, error="m", micro=False).svg_inline(scale=3, border=4)


def qr_code(text: str) -> bytes:
    """An SVG file. A quarter of it may be dirty or torn."""
    written = io.BytesIO()
    segno.make(text, error="q", micro=False).save(written, kind="svg", scale=8, border=4)
    return written.getvalue()

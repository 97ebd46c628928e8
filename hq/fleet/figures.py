"""Brings the chain's figures up to date: of each store-day, of each region and of all.

Store-days that are new, or were sent again, are counted; the others stay as they are. What is
done is on disk region by region, so a night's work that was cut short goes on where it was.
The rows of a day in the database are made of its files, in one transaction, whenever those
have changed.
"""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
import sqlalchemy as sa
from pyarrow import parquet

from core.database import Database
from core.models.traffic import DWELL_BUCKETS
from core.settings import Settings
from hq.fleet import folder, landing, visit_files
from hq.fleet.folder import COMPACTED, FIGURES, LANDED, TOGETHER, Entry, Folder, Partition
from hq.fleet.region_figures import Sums
from hq.fleet.store_figures import Batch, StoreFigures, Task
from hq.fleet.visit_files import Piece
from hq.models.region_day import CHAIN, RegionDay

Run = Callable[[Iterable[Task]], Iterator[tuple[Task, Batch]]]
"""Has tasks done, here or elsewhere; the results come in any order."""

_SENT = b"doorman.sent"
_COUNT = pa.int32()
_SCHEMA = pa.schema(
    {
        "store": pa.string(),
        **dict.fromkeys(("passers_by", "visitors", "entries", "bounces"), _COUNT),
        **dict.fromkeys(("dwell_q1_s", "dwell_median_s", "dwell_q3_s"), _COUNT),
        "dwell_visits": pa.struct(dict.fromkeys(DWELL_BUCKETS, _COUNT)),
        "hours": pa.list_(pa.struct(dict.fromkeys(("hour", "passers_by", "visitors"), _COUNT))),
        "stays": pa.list_(pa.struct(dict.fromkeys(("dwell_s", "visitors"), _COUNT))),
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class Counted:
    """What was done for a day."""

    day: dt.date
    store_days: int
    """That had to be counted."""
    left_out: tuple[str, ...] = ()
    """Stores whose rows cannot be read or counted; the next time they are looked at again."""


def bring_up_to_date(
    settings: Settings,
    database: Database,
    days: Iterable[dt.date],
    run: Run,
    *,
    again: bool = False,
) -> Iterator[Counted]:
    """One day after the other.

    Args:
        settings: of headquarters.
        database: its own.
        days: those to look at.
        run: has tasks done.
        again: count all store-days, whatever is known of them.
    """
    where = folder.of(settings)
    for day in days:
        jobs = (_job(where, place, again=again) for place in _places(where, day))
        due = {job.place: job for job in jobs if job.pieces or job.gone}
        pieces = [(place, job.pieces) for place, job in due.items()]
        left_out: list[str] = []
        for job in due.values():
            if not job.pieces:
                _write(where, job)
        for task, found in run(_tasks(where, pieces, settings.hq.fleet.batch)):
            job = due[task.place]
            job.counted += found.figures
            job.left_out.update(found.left_out)
            left_out += found.left_out
            job.looked_at += len(task.pieces)
            if job.looked_at == len(job.pieces):
                # And forget it: a day of the chain need not fit into memory.
                _write(where, due.pop(task.place))
        _keep(where, database, day, settings.traffic.suppress_below)
        count = sum(len(of_place) for _, of_place in pieces)
        yield Counted(day, count, tuple(sorted(left_out)))


def of_stores(where: Folder, place: Partition) -> list[StoreFigures]:
    """Each store's figures of a day, as they were counted last; in order of store."""
    return _known(where, place)[0]


def is_counted(where: Folder, place: Partition) -> bool:
    """Whether the figures are those of all that was sent."""
    return not _job(where, place, again=False).pieces


@dataclasses.dataclass(slots=True)
class _Job:
    """What is to be done for a partition."""

    place: Partition
    pieces: list[Piece]
    kept: set[str]
    """Stores whose figures stay as they are."""
    gone: bool
    """Whether stores have gone, to another region."""
    sent: Mapping[str, list[object]]
    counted: list[StoreFigures] = dataclasses.field(default_factory=list)
    left_out: set[str] = dataclasses.field(default_factory=set)
    looked_at: int = 0


def _places(where: Folder, day: dt.date) -> list[Partition]:
    kinds = (LANDED, COMPACTED, FIGURES)
    found = {place.region: place for kind in kinds for place in where.regions(kind, day)}
    return [found[region] for region in sorted(found)]


def _job(where: Folder, place: Partition, *, again: bool) -> _Job:
    entries = where.files(place.folder(LANDED))
    known, sent_before = ([], {}) if again else _known(where, place)
    sent = {visit_files.store_of(entry): _state(entry) for entry in entries}
    if again:
        pieces = visit_files.everything(where, place)
        return _Job(place, pieces, set(), gone=not pieces, sent=sent)
    pieces = [
        piece
        for piece in visit_files.landed(entries)
        if sent[piece.store] != sent_before.get(piece.store)
    ]
    there = set(sent)
    if {each["store"] for each in known} - there:
        there.update(visit_files.compacted_stores(where, place))
    due = {piece.store for piece in pieces}
    kept = {each["store"] for each in known} & (there - due)
    gone = any(each["store"] not in there for each in known)
    return _Job(place, pieces, kept, gone=gone, sent=sent)


def _tasks(
    where: Folder, pieces: Iterable[tuple[Partition, Sequence[Piece]]], size: int
) -> Iterator[Task]:
    for place, of_place in pieces:
        for first in range(0, len(of_place), size):
            yield Task(where, place, tuple(of_place[first : first + size]))


def _known(where: Folder, place: Partition) -> tuple[list[StoreFigures], dict[str, list[object]]]:
    try:
        content = where.read(place.under(FIGURES, TOGETHER))
    except FileNotFoundError:
        return [], {}
    table = parquet.read_table(pa.BufferReader(content))
    return table.to_pylist(), json.loads(table.schema.metadata[_SENT])


def _write(where: Folder, job: _Job) -> None:
    kept = [each for each in _known(where, job.place)[0] if each["store"] in job.kept]
    rows = sorted([*kept, *job.counted], key=lambda each: each["store"])
    sent = {store: state for store, state in job.sent.items() if store not in job.left_out}
    schema = _SCHEMA.with_metadata({_SENT: json.dumps(sent).encode()})
    content = landing.parquet(pa.Table.from_pylist(rows, schema))
    where.write(job.place.under(FIGURES, TOGETHER), content)


def _keep(where: Folder, database: Database, day: dt.date, k: int) -> None:
    """The day's rows in the database, if its files are others than when those were made."""
    places = list(where.regions(FIGURES, day))
    state = _digest(entry for place in places for entry in where.files(place.folder(FIGURES)))
    with database.reading() as session:
        before = session.scalar(
            sa.select(RegionDay.files).where(RegionDay.day == day, RegionDay.region == CHAIN)
        )
    if before == state or not (places or before):
        return
    # One region's stores after the other's: those of the chain need not fit into memory.
    sums = {place.region: Sums.of(of_stores(where, place)) for place in places}
    sums[CHAIN] = Sums.together([Sums.of([]), *sums.values()])
    rows = [
        RegionDay(day=day, region=region, files=state, **of_region.figures(k))
        for region, of_region in sums.items()
        if of_region.counts["stores"] or region == CHAIN
    ]
    with database.writing() as session:
        session.execute(sa.delete(RegionDay).where(RegionDay.day == day))
        session.add_all(rows)


def _state(entry: Entry) -> list[object]:
    return [entry.size, entry.state]


def _digest(entries: Iterable[Entry]) -> str:
    said = json.dumps([[entry.path, *_state(entry)] for entry in entries])
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()

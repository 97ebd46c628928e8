"""What a connector remembers of its CRM (`core.models.crm_record`)."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import long_lists
from core.database import Database
from core.long_lists import filled
from core.models import crm_record
from core.models.crm_record import CrmRecord
from core.sealing import SealBrokenError, Sealer

MEMBER = "member"
"""The kind of what stands for a member."""

_HOLDER = "holder"
_LOOKUP = "crm_records.remote_id"
# No event comes again after so long; see `core.retention.SENT_EVENT`.
_KEPT = dt.timedelta(days=365)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Record:
    """What the CRM has of one of ours."""

    local_id: str
    remote_id: str = ""
    """Empty: not known."""
    version: int = 0
    """Of the newest news that it has; 0: none with a version."""
    is_gone: bool = False
    """Erased, or merged into another: whatever comes about it now is old."""

    def has(self, version: int) -> bool:
        """Whether news of that version would tell the CRM nothing."""
        return self.is_gone or (self.version > 0 and version <= self.version)

    def __repr__(self) -> str:
        return f"Record({self.local_id})"


class Records:
    """One connector's memory. Each call is a transaction of its own, and short."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        connector: str,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._database, self._sealer = database, sealer
        self._connector, self._clock = connector, clock

    def find(self, kind: str, local_ids: Collection[str]) -> Mapping[str, Record]:
        """What is remembered of these, by our id."""
        with self._database.reading() as session:
            rows = self._rows(session, kind, local_ids)
            return {row.local_id: self._record(row) for row in rows}

    def write(self, kind: str, records: Iterable[Record]) -> None:
        """Remember. The newest version counts, and the latest id; what is gone stays so.

        An empty remote id leaves the one that is remembered, unless the record is gone.
        """
        told = {record.local_id: record for record in records}
        if not told:
            return
        with self._database.writing() as session:
            rows = {row.local_id: row for row in self._rows(session, kind, told, lock=True)}
            for local_id, record in told.items():
                row = rows.get(local_id) or self._new(session, kind, local_id)
                self._change(row, record, kind)

    def hold(self, remote_id: str, member_id: str) -> None:
        """From now on this record of the CRM stands for that member, whoever had it before."""
        self.write(_HOLDER, [Record(self._index(remote_id), member_id)])

    def holder(self, remote_id: str) -> str:
        """Who has had this record of the CRM last and has it still, "" if nobody."""
        found = self.find(_HOLDER, [self._index(remote_id)])
        for member_id in (record.remote_id for record in found.values()):
            own = self.find(MEMBER, [member_id]).get(member_id)
            if own and own.remote_id == remote_id:
                return member_id
        return ""

    def release(self, remote_ids: Iterable[str]) -> None:
        """These records of the CRM stand for nobody, and nothing is kept of them."""
        indexes = [self._index(each) for each in remote_ids]
        with self._database.writing() as session:
            for row in self._rows(session, _HOLDER, indexes, lock=True):
                session.delete(row)

    def _index(self, remote_id: str) -> str:
        return self._sealer.lookup(_LOOKUP, remote_id.encode()).hex()

    def _rows(
        self, session: Session, kind: str, local_ids: Collection[str], *, lock: bool = False
    ) -> list[CrmRecord]:
        found: list[CrmRecord] = []
        for some in long_lists.cut(sorted(local_ids)):
            query = sa.select(CrmRecord).where(
                CrmRecord.connector == self._connector,
                CrmRecord.kind == kind,
                CrmRecord.local_id.in_(filled(some)),
            )
            found += session.scalars(query.with_for_update() if lock else query)
        return found

    def _new(self, session: Session, kind: str, local_id: str) -> CrmRecord:
        row = CrmRecord(
            connector=self._connector,
            kind=kind,
            local_id=local_id,
            sealed_remote_id=b"",
            version=0,
            is_gone=False,
        )
        session.add(row)
        return row

    def _change(self, row: CrmRecord, told: Record, kind: str) -> None:
        if row.is_gone:
            return
        row.version = max(row.version, told.version)
        row.is_gone = told.is_gone
        if told.is_gone:
            row.sealed_remote_id = b""
        elif told.remote_id:
            row.sealed_remote_id = self._sealer.seal(crm_record.REMOTE_ID, told.remote_id.encode())
        if told.is_gone or kind != MEMBER:
            row.expires_at = self._clock() + _KEPT

    def _record(self, row: CrmRecord) -> Record:
        return Record(row.local_id, self._remote_id(row), row.version, row.is_gone)

    def _remote_id(self, row: CrmRecord) -> str:
        try:
            sealed = row.sealed_remote_id
            return self._sealer.open(crm_record.REMOTE_ID, sealed).decode() if sealed else ""
        except SealBrokenError:
            # It is found again at the CRM.
            return ""

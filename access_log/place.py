"""Writes down what is the same for every row: the store, its network, its addresses."""

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence

import sqlalchemy as sa

from core import access_records, clock
from core.access_records import Draft
from core.database import Database
from core.models.access_record import BODY, HEAD_ID, AccessHead, AccessRecord, Kind
from core.sealing import SealBrokenError, Sealer


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    store: str
    venue_code: str
    gateway_id: str
    network: str
    time_zone: str
    day_begins: str
    addresses: Sequence[str]
    """Towards the internet, as the box itself sees them: private ones behind another router."""


def tell(database: Database, sealer: Sealer, place: Place, now: dt.datetime) -> bool:
    """Write it if it is not what the log says already, or if a new day has begun.

    So each day has a first row even if nobody comes, and the day before is closed. Returns
    whether it was written.
    """
    said = dataclasses.asdict(place) | {"addresses": list(place.addresses)}
    zone = clock.StoreZone.of(place.time_zone, dt.time.fromisoformat(place.day_begins))
    with database.reading() as session:
        head = session.get(AccessHead, HEAD_ID)
        day = head.day if head else None
        is_today = day is not None and day >= clock.store_day(now, zone)
        last = sa.select(AccessRecord.sealed_body).where(
            AccessRecord.number == (head.place if head else 0)
        )
        sealed = session.scalar(last)
    if is_today and _opened(sealer, sealed) == said:
        return False
    with database.writing() as session:
        access_records.note(session, sealer, Draft(Kind.PLACE, now, said))
    return True


def _opened(sealer: Sealer, sealed: bytes | None) -> object:
    """What a row says, without its salt; None if that is not known."""
    try:
        body = json.loads(sealer.open(BODY, sealed)) if sealed else None
    except SealBrokenError:
        return None
    return body and {name: value for name, value in body.items() if name != "salt"}

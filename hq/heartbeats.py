"""What stores say of themselves, kept; and what is new for them."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from hq.models.store_health import StoreHealth


class Heartbeat(NamedTuple):
    """What a store says of itself (`core.headquarters`)."""

    told_at: dt.datetime
    """By the store's clock."""
    version: str
    outbox_waiting: int
    outbox_oldest_at: dt.datetime | None
    outbox_parked: int
    certificate_until: dt.datetime | None
    sensors: Sequence[tuple[str, str]]
    sensor_state: str | None
    pushed_version: int | None
    is_pinned: bool
    pushed_trouble: str


def keep(session: Session, store_id: str, told: Heartbeat, now: dt.datetime) -> None:
    session.merge(
        StoreHealth(
            store_id=store_id,
            heard_at=now,
            version=told.version,
            outbox_waiting=told.outbox_waiting,
            outbox_oldest_at=told.outbox_oldest_at,
            outbox_parked=told.outbox_parked,
            certificate_until=told.certificate_until,
            sensors=[{"name": name, "state": state} for name, state in told.sensors],
            sensor_state=told.sensor_state,
            pushed_version=told.pushed_version,
            is_pinned=told.is_pinned,
            pushed_trouble=told.pushed_trouble,
            clock_off_s=(told.told_at - now).total_seconds(),
        )
    )

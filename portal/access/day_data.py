"""What somebody has sent and received today: a plan's data are for a store-local day.

Counted for the number and for the phone, whichever logged in: a new session, another
number on the same phone or a phone that changes its address does not start afresh. A
session belongs to the day on which it began.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import clock
from core.models.grant import Grant
from core.models.login import Login
from core.setting_groups.plans import PlansSettings
from core.setting_groups.store import StoreSettings


def used(
    session: Session,
    store: StoreSettings,
    now: dt.datetime,
    *,
    device_id: int,
    account_lookup: bytes | None = None,
) -> int:
    """Bytes of today's sessions, both ways together, of a phone and of a number."""
    begin, _ = clock.day_bounds(clock.store_day(now, store.zone), store.zone)
    whose = Grant.device_id == device_id
    if account_lookup is not None:
        of_number = sa.select(Login.id).where(Login.account_lookup == account_lookup)
        whose = sa.or_(whose, Grant.login_id.in_(of_number))
    total = sa.func.sum(Grant.bytes_up + Grant.bytes_down)
    return int(session.scalar(sa.select(total).where(whose, Grant.started_at >= begin)) or 0)


def are_spent(
    session: Session,
    plans: PlansSettings,
    store: StoreSettings,
    now: dt.datetime,
    *,
    device_id: int,
) -> bool:
    """Whether no plan has anything left today for this phone, whoever logs in on it."""
    quotas_mb = (plans.guest.quota_mb, plans.member.quota_mb)
    if not all(quotas_mb):
        return False
    return used(session, store, now, device_id=device_id) >= max(quotas_mb) * 1_000_000

"""Brings the store's campaigns to what the version in force says of the chain's."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.models import member_group  # noqa: F401 - campaigns refer to its table
from core.models.campaign import Campaign
from core.pushed.document import PushedCampaign


def bring(session: Session, wanted: Sequence[PushedCampaign], now: dt.datetime) -> bool:
    """Whether anything had to change; called again, nothing has to.

    A campaign is known by its key over all versions, so it keeps its counts and coupons. One
    that the version does not have any more is ended; back in a later one, it goes on.
    """
    there = {
        each.pushed_key: each
        for each in session.scalars(sa.select(Campaign).where(Campaign.pushed_key.is_not(None)))
    }
    for each in wanted:
        row = there.pop(each.key, None)
        if row is None:
            row = Campaign(pushed_key=each.key, created_at=now)
            session.add(row)
        for name, value in each.model_dump(exclude={"key"}).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        row.ended_at = None
    for row in there.values():
        row.ended_at = row.ended_at or now
    changed = bool(session.new or any(session.is_modified(row) for row in session.dirty))
    session.flush()
    return changed

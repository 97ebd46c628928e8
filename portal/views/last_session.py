"""What the first page says of a session that is over."""

from core import clock
from core.models.grant import EndCause
from portal.access import day_data
from portal.visitor import Visitor, wired

# Of the others the shopper knows: they logged out, or the staff cut them off.
_TOLD = {EndCause.EXPIRED, EndCause.IDLE, EndCause.QUOTA, EndCause.CLONED}


def farewell(visitor: Visitor) -> str:
    """The text that says why today's last session ended; empty if there is nothing to say."""
    grant = visitor.standing.last_grant
    if grant is None:
        return ""
    zone = wired().settings.store.zone
    ended_at = grant.ended_at or grant.expires_at
    # One that jobs has not closed yet has run out all the same.
    cause = grant.end_cause or EndCause.EXPIRED
    is_today = clock.store_day(ended_at, zone) == clock.store_day(visitor.now, zone)
    if cause not in _TOLD or not is_today:
        return ""
    return wired().texts.text(visitor.language, f"ended.{cause}")


def data_are_spent(visitor: Visitor) -> bool:
    """Whether no login could give this phone any more data today."""
    device, parts = visitor.standing.device, wired()
    if device is None:
        return False
    settings = parts.settings
    with parts.database.reading() as session:
        return day_data.are_spent(
            session, settings.plans, settings.store, visitor.now, device_id=device.id
        )

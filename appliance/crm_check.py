"""What `doorman doctor` says of news for the CRM: whether it leaves, and what holds it up."""

import datetime as dt

from appliance.finding import Finding, Grade
from core import clock
from core.settings import Settings

# A CRM may be away for a night. Beyond, somebody should know.
_LATE_AFTER = dt.timedelta(hours=12)


def crm(found: Settings) -> Finding:
    if not found.crm.is_on:
        return Finding(Grade.NOTE, "no crm.url: news for the CRM waits in the outbox")
    return _waiting(found) or Finding(Grade.GOOD, f"news goes to a CRM: {found.crm.kind}")


def _waiting(found: Settings) -> Finding | None:
    from sqlalchemy import exc  # noqa: PLC0415 - slow to load; doctor answers first what is quick

    from core import crm_line, outbox  # noqa: PLC0415 - as above
    from core import database as databases  # noqa: PLC0415 - as above

    if not databases.is_there(found.database_url):
        return None
    database = databases.open_database(found)
    try:
        with database.reading() as session:
            standing, line = outbox.standing(session), crm_line.read(session)
    except exc.SQLAlchemyError:
        # The check of the database says what is wrong with it.
        return None
    finally:
        database.dispose()
    if standing.oldest_at is not None and clock.now() - standing.oldest_at > _LATE_AFTER:
        hours = (clock.now() - standing.oldest_at) // dt.timedelta(hours=1)
        why = f" (last: {line.reason})" if line.reason else ""
        return Finding(
            Grade.WRONG,
            f"{standing.waiting} events wait for the CRM, the oldest for {hours} h{why}",
            "see that doorman jobs runs and the CRM answers: doorman crm status; docs/sync.md",
        )
    if standing.parked:
        return Finding(
            Grade.WRONG,
            f"the CRM refused {standing.parked} events",
            "doorman crm parked says why; mend that, then doorman crm send-again",
        )
    return None

"""What `doorman doctor` says of news for the CRM: whether it can leave, and what holds it up."""

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

from appliance.finding import Finding, Grade
from core import clock
from core.settings import Settings, SettingsError

if TYPE_CHECKING:
    from core.models.crm_line import CrmLine
    from core.outbox import Standing

# A CRM may be away for a night. Beyond, somebody should know.
_LATE_AFTER = dt.timedelta(hours=12)


def crm(found: Settings) -> Finding:
    if not found.crm.is_on:
        return Finding(Grade.NOTE, "no crm.url: news for the CRM waits in the outbox")
    good = Finding(Grade.GOOD, f"news goes to a CRM: {found.crm.kind}")
    return _cannot_start(found) or _in_database(found) or good


def _cannot_start(found: Settings) -> Finding | None:
    """As `doorman jobs` starts; nobody is asked anything."""
    from sqlalchemy import exc  # noqa: PLC0415 - slow to load; doctor answers first what is quick

    from appliance import crm_choice  # noqa: PLC0415 - as above
    from core import database as databases  # noqa: PLC0415 - as above
    from core import secret_file  # noqa: PLC0415 - as above
    from core.sealing import Sealer  # noqa: PLC0415 - as above

    try:
        secrets = secret_file.load(found.data_dir)
    except secret_file.SecretFileError:
        # Another check's finding. Any will do here.
        secrets = secret_file.new()
    try:
        with contextlib.ExitStack() as opened:
            database = databases.Database(found.database_url, soon=True)
            opened.callback(database.dispose)
            sealer = Sealer(secrets.keys())
            chosen = crm_choice.choose(found, secrets, database, sealer)
            asked = crm_choice.withdrawals(found, secrets, database, sealer)
            feed = asked.feed if asked else None
            for each in (chosen, crm_choice.counterpart(found, secrets), feed):
                if each is not None:
                    opened.callback(each.close)
    except SettingsError as error:
        return Finding(Grade.WRONG, "doorman jobs cannot start: settings of the CRM", str(error))
    except exc.SQLAlchemyError:
        # The check of the database says what is wrong with it.
        return None
    return None


def _in_database(found: Settings) -> Finding | None:
    from sqlalchemy import exc  # noqa: PLC0415 - as above

    from core import crm_line, outbox  # noqa: PLC0415 - as above
    from core import database as databases  # noqa: PLC0415 - as above

    if not databases.is_there(found.database_url):
        return None
    database = databases.Database(found.database_url, soon=True)
    try:
        with database.reading() as session:
            standing, line = outbox.standing(session), crm_line.read(session)
    except exc.SQLAlchemyError:
        # The check of the database says what is wrong with it.
        return None
    finally:
        database.dispose()
    return _held_up(standing, line) or _missing(line)


def _held_up(standing: "Standing", line: "CrmLine") -> Finding | None:
    why = f" (last: {line.reason})" if line.reason else ""
    mend = "see that doorman jobs runs and the CRM answers: doorman crm status; docs/sync.md"
    if standing.oldest_at is not None and clock.now() - standing.oldest_at > _LATE_AFTER:
        hours = (clock.now() - standing.oldest_at) // dt.timedelta(hours=1)
        waits = f"{standing.waiting} events wait for the CRM, the oldest for {hours} h{why}"
        return Finding(Grade.WRONG, waits, mend)
    if line.failures:
        failed = f"the CRM took nothing {line.failures} times in a row{why}"
        return Finding(Grade.WRONG, failed, mend)
    if standing.parked:
        return Finding(
            Grade.WRONG,
            f"the CRM refused {standing.parked} events",
            "doorman crm parked says why; mend that, then doorman crm send-again",
        )
    return None


def _missing(line: "CrmLine") -> Finding | None:
    """What is well now but lost, or for a person to decide."""
    found = []
    if line.dropped and line.dropped_at is not None:
        day = line.dropped_at.date()
        found.append(f"{line.dropped} events were given up unsent, the last on {day}")
    if line.unknown:
        found.append(f"the CRM holds {line.unknown} things that are for a person to decide on")
    if not found:
        return None
    return Finding(Grade.NOTE, f"news goes to a CRM, but {'; '.join(found)}", "see docs/sync.md")

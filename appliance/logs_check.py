"""What `doorman doctor` says of the law's logs: whether they are whole, and can be written."""

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import exc

from access_log import box_clock, verified
from access_log.verified import ACCESS_LOG, AUDIT_LOG, FLOWS, Result
from appliance.finding import Finding, Grade
from core import clock, migrate, secret_file
from core import database as databases
from core.database import Database
from core.models.access_record import AccessHead
from core.sealing import KeySourceError, Sealer
from core.settings import Settings

LATE = dt.timedelta(days=3)
_LOOKED_BACK = dt.timedelta(days=7)
_NAMES = {ACCESS_LOG: "access log", AUDIT_LOG: "audit log", FLOWS: "flow log"}
_COMMANDS = {
    ACCESS_LOG: "doorman access-log verify",
    AUDIT_LOG: "doorman audit verify",
    FLOWS: "doorman flows verify",
}


def examine(found: Settings, now: dt.datetime) -> Iterator[Finding]:
    if not databases.is_there(found.database_url):
        # Which is told by itself.
        return
    database = Database(found.database_url, soon=True)
    try:
        if migrate.is_current(database):
            yield _written(database)
            yield from _clock(found, database, now)
    except exc.SQLAlchemyError:
        # As above.
        return
    finally:
        database.dispose()
    for log, result in sorted(verified.read(found.data_dir).items()):
        yield _verified(_NAMES.get(log, log), log, result, now)


def _written(database: Database) -> Finding:
    """Tries, and takes it back."""
    try:
        with database.writing() as session:
            session.execute(sa.update(AccessHead).values(number=AccessHead.number))
            session.rollback()
    except exc.SQLAlchemyError as error:
        text = f"the access log cannot be written ({type(error).__name__}): nobody new gets in"
        return Finding(Grade.WRONG, text, "df, dmesg; of a server: its log, and who owns the table")
    return Finding(Grade.GOOD, "the access log can be written")


def _clock(found: Settings, database: Database, now: dt.datetime) -> Iterator[Finding]:
    try:
        sealer = Sealer(secret_file.load(found.data_dir).keys())
    except (secret_file.SecretFileError, KeySourceError, OSError):
        return
    since = clock.store_day(now - _LOOKED_BACK, found.store.zone)
    with database.reading() as session:
        off_at = box_clock.last_off(session, sealer, since)
    if off_at is not None:
        text = f"the clock was found to be wrong at {off_at:%Y-%m-%d %H:%M} UTC: so are logs before"
        mend = "the rows `clock` say by how much (docs/access-log.md, The clock): note it down"
        yield Finding(Grade.NOTE, text, mend)


def _verified(name: str, log: str, result: Result, now: dt.datetime) -> Finding:
    command = _COMMANDS.get(log, "doorman doctor")
    at = f"{result.at:%Y-%m-%d %H:%M} UTC"
    if result.trouble:
        mend = f"{command}; docs/access-log.md, If it is not whole"
        return Finding(Grade.WRONG, f"{name}: {result.trouble} ({at})", mend)
    if now - result.at > LATE:
        mend = f"journalctl -u doorman-jobs; by hand: {command}"
        return Finding(Grade.WRONG, f"{name}: not verified since {at}", mend)
    return Finding(Grade.GOOD, f"{name}: whole, {at}")

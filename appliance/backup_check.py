"""What `doorman doctor` says of backups: whether there are any, and how old the last one is."""

import datetime as dt

from appliance.finding import Finding, Grade
from backup.ledger import Ledger
from core import clock
from core.settings import Settings

LATE = dt.timedelta(days=2)


def backups(found: Settings) -> Finding:
    if not found.backup.target:
        mend = "docs/operations/backup.md: what is on this box alone goes with it"
        return Finding(Grade.NOTE, "no backup.target: no backups are made", mend)
    ledger, now = Ledger.read(found.data_dir), clock.now()
    last = ledger.last_at
    mend = "doorman backup make says what is wrong; the log of jobs has it, too"
    if last is None:
        grade = Grade.WRONG if ledger.failed_at else Grade.NOTE
        return Finding(grade, "no backup has been made yet", mend)
    age = now - last
    if age > LATE:
        return Finding(Grade.WRONG, f"the last backup is {age.days} days old", mend)
    return Finding(Grade.GOOD, f"the last backup is {age // dt.timedelta(hours=1)} hours old")

"""What the jobs do for backups: one each night, and the list of what was undone since."""

from collections.abc import Callable
from typing import Protocol

from backup import contents, making
from backup.ledger import Ledger
from backup.trouble import BackupError
from core import clock
from core.database import Database
from core.log import Log
from core.settings import Settings

_log = Log("jobs")


class Parts(Protocol):
    """What these jobs work on (`appliance.job_table.Parts`)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...


def turns() -> list[tuple[str, int, Callable[[Parts], None]]]:
    """Name, seconds from turn to turn, and what is done."""
    return [
        ("make a backup, once a night", 600, _make),
        ("tell apart from backups what was undone since", 600, _TellUndone()),
    ]


def _make(parts: Parts) -> None:
    found, now = parts.settings, clock.now()
    if not making.is_due(found, Ledger.read(found.data_dir), now):
        return
    if contents.out_of_reach(found):
        # Where programs have users of their own, a timer makes it (`doorman backup make --if-due`).
        # If none does, `doorman doctor` and an alert say so.
        return
    try:
        made = making.make(found, parts.database, now)
    except BackupError as error:
        _log.error("no backup made", reason=str(error))
        return
    for each in made:
        _log.info("backup made", file=each.name, bytes=each.size, sha256=each.sha256)


class _TellUndone:
    """Says once that the target does not take the list."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, parts: Parts) -> None:
        if not parts.settings.backup.target:
            return
        try:
            making.tell_undone(parts.settings, parts.database, clock.now())
        except BackupError as error:
            if not self._is_told:
                _log.error("not told apart what was undone", reason=str(error))
            self._is_told = True
            return
        self._is_told = False

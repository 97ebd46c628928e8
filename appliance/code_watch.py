"""Asks what became of codes, and raises the alarm when hardly any is used."""

import datetime as dt

from core import code_usage
from core.database import Database
from core.log import Log
from core.sealing import Sealer
from core.settings import Settings
from portal.sms.carriers import Carriers
from portal.ways import receipts

_log = Log("jobs")


class CodeWatch:
    """Tells of a low share once, and again when it was better meanwhile."""

    def __init__(self) -> None:
        self._is_low = False

    def look(
        self,
        database: Database,
        sealer: Sealer,
        settings: Settings,
        carriers: Carriers | None,
        now: dt.datetime,
    ) -> None:
        if carriers is None:
            return
        receipts.collect(database, sealer, carriers, now)
        with database.reading() as session:
            usage = code_usage.measure(session, now)
        is_low = usage.is_low(settings.sms.alarm_below_percent)
        if is_low and not self._is_low:
            _log.error(
                "hardly any code is used: somebody may be pumping SMS, or codes do not arrive",
                begun=usage.begun,
                verified=usage.verified,
                lost=usage.lost,
            )
        self._is_low = is_low

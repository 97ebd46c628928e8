"""A turn of the store's line to headquarters: it says how it is, and does what is new for it.

Without headquarters everything in the store goes on as it was: nothing here is waited for.
"""

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from appliance.headquarters import heartbeat
from core import erasure, headquarters
from core.database import Database
from core.headquarters_line import HeadquartersError, Line
from core.log import Log
from core.members import withdrawal
from core.metrics import counted
from core.models.consent import Purpose, Via
from core.pushed import campaigns, taking
from core.pushed import document as documents
from core.pushed.folder import Folder
from core.pushed.trouble import PushedError, Trouble
from core.sealing import Sealer
from core.settings import Settings

_MOST_TURNS = 50

_log = Log("jobs")


class Turn:
    """Remembers from turn to turn what keeps it from the newest version, and tells it once."""

    def __init__(self) -> None:
        self._trouble: Trouble | None = None
        self._is_away = False

    def __call__(
        self,
        found: Settings,
        database: Database,
        sealer: Sealer,
        line: Line | None,
        now: dt.datetime,
    ) -> None:
        # First, and without headquarters: a program may have been cut off in between.
        bring_campaigns(found, database, now)
        if line is None:
            return
        try:
            question = heartbeat.compose(found, database, self._trouble, now)
            told = line.ask(headquarters.HEARTBEAT, question, now)
            counted.HEADQUARTERS_HEARD.put(value=now.timestamp())
            # Before what is pushed, which may be unfit.
            if told.get("erasures"):
                erase(found, database, sealer, line, now)
            if told.get("marketing_withdrawals"):
                withdraw(found, database, sealer, line, now)
            self._take_newest(found, line, told, now)
        except HeadquartersError as error:
            if not self._is_away:
                _log.warning("headquarters is not reached", reason=str(error))
            self._is_away = True
            return
        self._is_away = False
        bring_campaigns(found, database, now)

    def _take_newest(
        self, found: Settings, line: Line, told: Mapping[str, Any], now: dt.datetime
    ) -> None:
        folder, newest = Folder(found.data_dir), told.get("newest")
        if not isinstance(newest, int):
            return
        if _goes_by(folder, newest, told.get("digest")):
            self._trouble = None
            return
        # Also of one that is kept: a program may have been cut off before it went by it, and
        # headquarters that lost its memory calls another one so.
        answer = line.ask(headquarters.PUSHED, {}, now)
        try:
            number = taking.take(found, folder, *_opened(answer), now)
        except PushedError as error:
            if error.trouble is not self._trouble:
                _log.error("a version of headquarters' is not taken", reason=error.trouble)
            self._trouble = error.trouble
            return
        self._trouble = None
        _log.info("a version of headquarters' is taken", number=number)


def bring_campaigns(found: Settings, database: Database, now: dt.datetime) -> None:
    """Make the chain's campaigns those of the version in force, in one transaction."""
    folder = Folder(found.data_dir)
    version = folder.standing().version
    kept = folder.read(version) if version is not None else None
    try:
        wanted = documents.parse(kept[0]).campaigns if kept else ()
    except ValueError:
        # Of a form that this version of Doorman does not know any more.
        wanted = ()
    with database.writing() as session:
        if campaigns.bring(session, wanted, now):
            _log.info("the chain's campaigns are those of a version", number=version)


def erase(
    found: Settings, database: Database, sealer: Sealer, line: Line, now: dt.datetime
) -> None:
    """Erase whom another store of the chain has erased. Told again of one, it changes nothing."""
    done: list[int] = []
    count = 0
    for _ in range(_MOST_TURNS):
        answer = line.ask(headquarters.ERASURES, {"done": done}, now)
        orders = _orders(answer)
        if not orders:
            break
        for _number, member in orders:
            with database.writing() as session:
                erased = erasure.erase(session, sealer, member, store_id=found.store.id, now=now)
            count += erased is not None
        done = [number for number, _ in orders]
    if count:
        _log.info("members erased, as another store has", members=count)


def withdraw(
    found: Settings, database: Database, sealer: Sealer, line: Line, now: dt.datetime
) -> None:
    """End the consent to marketing of whom the chain's CRM says so, and of nothing else."""
    done: list[int] = []
    count = 0
    for _ in range(_MOST_TURNS):
        answer = line.ask(headquarters.MARKETING_WITHDRAWALS, {"done": done}, now)
        orders = _withdrawal_orders(answer)
        if not orders:
            break
        for _number, member, at in orders:
            with database.writing() as session:
                ended = withdrawal.withdraw_of(
                    session,
                    sealer,
                    member,
                    Purpose.MARKETING,
                    Via.CRM,
                    until=at,
                    store_id=found.store.id,
                    now=now,
                )
            count += bool(ended)
        done = [number for number, _, _ in orders]
    if count:
        _log.info("members have opted out at the chain's CRM", members=count)


def _goes_by(folder: Folder, newest: int, digest: object) -> bool:
    """Whether nothing is to be done for the newest version, by what headquarters says of it."""
    kept, standing = folder.read(newest), folder.standing()
    if kept is None or digest not in {None, hashlib.sha256(kept[0]).hexdigest()}:
        return False
    return standing.is_pinned or standing.version == newest


def _opened(answer: dict[str, Any]) -> tuple[bytes, bytes]:
    try:
        document = base64.b64decode(answer["document"], validate=True)
        return document, base64.b64decode(answer["signature"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise PushedError(Trouble.MALFORMED) from None


def _withdrawal_orders(answer: dict[str, Any]) -> list[tuple[int, str, dt.datetime]]:
    try:
        rows = [(row["number"], row["member"], row["withdrawn_at"]) for row in answer["orders"]]
        return [
            (int(number), str(member), dt.datetime.fromisoformat(at)) for number, member, at in rows
        ]
    except (KeyError, TypeError, ValueError):
        return []


def _orders(answer: dict[str, Any]) -> list[tuple[int, str]]:
    try:
        return [(int(row["number"]), str(row["member"])) for row in answer["orders"]]
    except (KeyError, TypeError, ValueError):
        return []

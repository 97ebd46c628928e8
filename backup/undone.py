"""What shoppers have undone: members erased, consents withdrawn, phones not to be counted.

A backup from before has them as they were. So these are told apart from it, and newer, and are
done again to whatever is restored. Ids and blind indexes: nobody's name.
"""

import datetime as dt
import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import erasure, periods
from core.database import Database
from core.models.consent import Consent, Purpose, Via
from core.models.gone_member import GoneMember
from core.models.opt_out import OptOut
from core.sealing import Sealer


class UndoneError(Exception):
    """The list cannot be read."""


def gathered(database: Database, now: dt.datetime) -> dict[str, Any]:
    """Since the oldest backup that anybody may have."""
    since = now - periods.GONE_MEMBER
    gone = sa.select(GoneMember).order_by(GoneMember.public_id)
    withdrawn = sa.select(Consent).where(Consent.withdrawn_at > since).order_by(Consent.id)
    with database.reading() as session:
        return {
            "gone": [[row.public_id, row.into_id] for row in session.scalars(gone)],
            "withdrawn": [
                [
                    row.account_lookup.hex(),
                    row.purpose.value,
                    row.given_at.isoformat(),
                    _moment(row.withdrawn_at),
                ]
                for row in session.scalars(withdrawn)
            ],
            "opted_out": [
                [row.entry.hex(), row.until.isoformat()]
                for row in session.scalars(sa.select(OptOut).order_by(OptOut.entry))
            ],
        }


def digest(found: dict[str, Any]) -> str:
    """Another for another list."""
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def do_again(
    session: Session, sealer: Sealer, content: bytes, *, store_id: str, now: dt.datetime
) -> dict[str, int]:
    """Undo it all in what was restored, in the caller's transaction; returns how much there was."""
    try:
        found = json.loads(content)
        into = dict(found["gone"])
        withdrawn = [
            (bytes.fromhex(account), Purpose(purpose), _parsed(given), _parsed(ended))
            for account, purpose, given, ended in found["withdrawn"]
        ]
        opted_out = [(bytes.fromhex(entry), _parsed(until)) for entry, until in found["opted_out"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UndoneError("the list of what was undone since cannot be read") from error
    erased = [
        erasure.erase(session, sealer, public_id, store_id=store_id, now=now)
        for public_id in into
        if _ended_erased(into, public_id)
    ]
    consents = sum(_withdraw(session, *each) for each in withdrawn)
    phones = 0
    for entry, until in opted_out:
        phones += session.get(OptOut, entry) is None
        session.merge(OptOut(entry=entry, until=until))
    members = sum(each is not None for each in erased)
    return {"members erased": members, "consents withdrawn": consents, "phones left out": phones}


def _ended_erased(into: dict[str, str | None], public_id: str) -> bool:
    """Whether they, or whoever they turned out to be in the end, were erased."""
    seen: set[str] = set()
    following: str | None = public_id
    while following is not None and following not in seen:
        seen.add(following)
        if following not in into:
            return False
        following = into[following]
    return following is None


def _withdraw(
    session: Session, account: bytes, purpose: Purpose, given: dt.datetime, ended: dt.datetime
) -> int:
    changed = session.execute(
        sa.update(Consent)
        .where(
            Consent.account_lookup == account,
            Consent.purpose == purpose,
            Consent.given_at <= given,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=ended, withdrawn_via=Via.BACKUP)
    )
    return int(getattr(changed, "rowcount", 0))


def _moment(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _parsed(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)

"""Turns of the jobs that hear who has withdrawn elsewhere: at the CRM, and on WeChat."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core import clock
from core.log import Log
from core.members import withdrawal
from core.metrics import counted
from core.models.consent import Purpose, Via
from crm import withdrawals
from crm.shape import CrmError
from crm.withdrawals import Heeded, Withdrawn
from portal.wechat import unfollowing
from portal.wechat.shape import PermanentRelayError, RelayError

if TYPE_CHECKING:
    from appliance.job_table import Parts

_EVERY_S = 600

_log = Log("jobs")


def turns() -> Iterator[tuple[Any, ...]]:
    """Each as a `Job`."""
    yield "hear who has opted out of marketing", _EVERY_S, _HearOfOptOuts()
    yield "hear who follows on WeChat no longer", _EVERY_S, _hear_of_unfollowers


class _HearOfOptOuts:
    """Says once that the CRM does not tell."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, parts: "Parts") -> None:
        asked = parts.withdrawals
        if asked is None:
            return
        try:
            found = withdrawals.hear(asked.feed, asked.records, lambda row: _heed(parts, row))
        except CrmError as error:
            if not self._is_told:
                _log.warning("not heard who has opted out at the CRM", reason=error.reason)
            self._is_told = True
            return
        self._is_told = False
        tell(found)


def tell(found: "dict[Heeded, int]") -> None:
    """Count what came of a turn."""
    for outcome, members in found.items():
        counted.WITHDRAWALS.add(outcome, amount=members)
    if found.get(Heeded.WITHDRAWN):
        _log.info("members have opted out at the CRM", members=found[Heeded.WITHDRAWN])


def _heed(parts: "Parts", row: Withdrawn) -> Heeded:
    now = clock.now()
    with parts.database.writing() as session:
        ended = withdrawal.withdraw_of(
            session,
            parts.sealer,
            row.member,
            Purpose.MARKETING,
            Via.CRM,
            until=row.at or now,
            store_id=parts.settings.store.id,
            now=now,
        )
    if ended is None:
        return Heeded.UNKNOWN
    return Heeded.WITHDRAWN if ended else Heeded.KNOWN


def _hear_of_unfollowers(parts: "Parts") -> None:
    if parts.wechat is None:
        return
    database, store_id = parts.database, parts.settings.store.id
    try:
        count = unfollowing.heed(database, parts.sealer, parts.wechat, store_id, clock.now())
    except PermanentRelayError as error:
        _log.error("the WeChat relay refuses", mend=str(error))
    except RelayError as error:
        _log.warning("not heard who follows on WeChat no longer", reason=str(error))
    else:
        if count:
            _log.info("members follow on WeChat no longer", members=count)

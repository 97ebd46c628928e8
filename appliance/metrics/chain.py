"""What headquarters knows: how stores are, and whether what they send is folded."""

import collections
import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from appliance.metrics.sample import Sample
from core.database import Database
from core.metrics.family import gauge
from hq.models.erasure_order import ErasureOrder
from hq.models.inbox import InboxBatch, InboxEvent, InboxState, ParkedEvent
from hq.models.pushed_version import PushedVersion
from hq.models.sms_send import SmsSend, SmsState
from hq.pages import health
from hq.pages.health import Checks
from hq.pages.scopes import Scope

STORES = gauge(
    "doorman_hq_stores",
    "Stores, by what is worst of each, as the page Health has it",
    "`well`. `silent`, `certificate_over`, `sensor` and `parked` want somebody now.",
    "state",
)
INBOX_WAITING = gauge(
    "doorman_hq_inbox_waiting",
    "Events of stores that wait to be folded",
    "Near 0; a batch of a thousand is gone in seconds.",
)
INBOX_OLDEST = gauge(
    "doorman_hq_inbox_oldest_age_seconds",
    "How long the oldest batch has waited; 0: none waits",
    "Below 10 s; at night, when visit rows come, some minutes.",
)
INBOX_PARKED = gauge(
    "doorman_hq_inbox_parked",
    "Events that could not be folded, by reason",
    "`unknown_member` goes by itself; others wait for a person (`doorman hq inbox`).",
    "reason",
)
ERASURES = gauge(
    "doorman_hq_erasure_orders_waiting",
    "Orders to erase that a store has not carried out yet",
    "0 within minutes, but for stores that are silent.",
)
ERASURES_OLDEST = gauge(
    "doorman_hq_erasure_orders_oldest_age_seconds",
    "How long the oldest of them has waited; 0: none waits",
    "Below an hour. The law gives days, not weeks.",
)
SMS = gauge(
    "doorman_hq_sms_codes",
    "Codes that stores had sent in the last hour, by outcome",
    "`taken`. `store_limit`: a store was stolen, or is pumped.",
    "outcome",
)
VERSION = gauge(
    "doorman_hq_pushed_version",
    "Newest version published, for whomever; 0: none",
    "Rises with each `doorman hq publish`.",
)
FAMILIES = (
    *(STORES, INBOX_WAITING, INBOX_OLDEST, INBOX_PARKED),
    *(ERASURES, ERASURES_OLDEST, SMS, VERSION),
)

_HOUR = dt.timedelta(hours=1)
# Written out, so that the index of what waits will do.
_WAITS = InboxEvent.state == sa.literal_column(f"'{InboxState.WAITING}'")


def of_stores(database: Database, silent_after: dt.timedelta, now: dt.datetime) -> Iterator[Sample]:
    newest = sa.select(sa.func.max(PushedVersion.number))
    with database.reading() as session:
        checks = Checks(session, now, silent_after)
        counts = health.count(session, Scope(), checks)
        version = session.scalar(newest) or 0
    for state in (*checks.conditions, health.WELL):
        yield Sample(STORES, counts.get(state, 0), (state,))
    yield Sample(VERSION, version)


def of_inbox(database: Database, now: dt.datetime) -> Iterator[Sample]:
    came_at = sa.func.min(InboxBatch.received_at, type_=InboxBatch.received_at.type)
    parked = sa.select(ParkedEvent.reason, sa.func.count()).group_by(ParkedEvent.reason)
    with database.reading() as session:
        waiting = session.scalar(sa.select(sa.func.count()).select_from(InboxEvent).where(_WAITS))
        oldest = session.scalar(sa.select(came_at))
        reasons = collections.Counter[str]()
        for reason, count in session.execute(parked):
            reasons["error" if reason.startswith("error_") else reason] += count
    yield Sample(INBOX_WAITING, waiting or 0)
    yield Sample(INBOX_OLDEST, _age(oldest, now))
    for reason, count in sorted(reasons.items()):
        yield Sample(INBOX_PARKED, count, (reason,))


def of_orders(database: Database, now: dt.datetime) -> Iterator[Sample]:
    ordered_at = sa.func.min(ErasureOrder.ordered_at, type_=ErasureOrder.ordered_at.type)
    orders = sa.select(sa.func.count(), ordered_at).where(ErasureOrder.done_at.is_(None))
    with database.reading() as session:
        count, oldest = session.execute(orders).one()
    yield Sample(ERASURES, count)
    yield Sample(ERASURES_OLDEST, _age(oldest, now))


def of_sms(database: Database, now: dt.datetime) -> Iterator[Sample]:
    sends = (
        sa.select(SmsSend.state, SmsSend.outcome, sa.func.count())
        .where(SmsSend.sent_at > now - _HOUR)
        .group_by(SmsSend.state, SmsSend.outcome)
    )
    with database.reading() as session:
        for state, outcome, count in session.execute(sends):
            word = outcome if state is SmsState.NOT_TAKEN else state.value
            yield Sample(SMS, count, (word,))


def _age(since: dt.datetime | None, now: dt.datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0

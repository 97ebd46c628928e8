"""How the stores are: what is wrong with each, worst first.

What is wrong is decided by the database, by one list of checks: so a page counts, sorts and
filters thousands of stores by the same rules that it explains each of them with.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics.dashboard.health import SensorState
from hq.models.pushed_version import PushedAudience, PushedVersion
from hq.models.pushed_version import Scope as PushedScope
from hq.models.store import Store
from hq.models.store_health import StoreHealth
from hq.pages.scopes import Scope

WELL = "well"
PAGE_LENGTH = 50
# The stores send every few seconds; what waits longer waits for something.
_LATE = dt.timedelta(hours=1)
# Certificates are renewed a month before they end; two weeks before, something is wrong.
_ENDS_SOON = dt.timedelta(days=14)
# Signatures are good for five minutes either way.
_CLOCK_OFF_S = 60
# A store hears of a version with its next heartbeat, and says with the one after that it goes by
# it; between them may lie an hour each.
_TAKES = dt.timedelta(hours=3)

# A store where nobody is near, as at night, hears as well as any.
_HEARS = tuple(state.value for state in SensorState if not state.is_bad)

BAD = frozenset({"silent", "certificate_over", "sensor", "parked"})


@dataclasses.dataclass(frozen=True, slots=True)
class StoreState:
    store_id: str
    name: str
    region: str
    health: StoreHealth | None
    """None: the store has never reported."""
    wrong: tuple[str, ...]
    """The checks that it does not pass, worst first."""

    @property
    def worst(self) -> str:
        return self.wrong[0] if self.wrong else WELL


@dataclasses.dataclass(frozen=True, slots=True)
class HealthPage:
    stores: Sequence[StoreState]
    counts: Mapping[str, int]
    """Stores by what is worst of each, whichever is shown; worst first."""
    count: int
    """Of those asked for."""
    number: int
    pages: int


class Checks:
    """The rules at one moment, for one chain."""

    def __init__(self, session: Session, now: dt.datetime, silent_after: dt.timedelta) -> None:
        health = StoreHealth
        newest = _newest(session.scalars(sa.select(health.version).distinct()).all())
        self.conditions: dict[str, sa.ColumnElement[bool]] = {
            "silent": health.heard_at < now - silent_after,
            "never": health.store_id.is_(None),
            "certificate_over": health.certificate_until < now,
            "sensor": health.sensor_state.not_in(_HEARS),
            "parked": health.outbox_parked > 0,
            "outbox_late": health.outbox_oldest_at < now - _LATE,
            "certificate_soon": health.certificate_until.between(now, now + _ENDS_SOON),
            "clock": sa.func.abs(health.clock_off_s) > _CLOCK_OFF_S,
            "pushed": sa.or_(health.pushed_trouble != "", _is_behind(now)),
            "pinned": health.is_pinned.is_(True),
            "dated": health.version != newest,
            "no_sensor": sa.and_(health.store_id.is_not(None), health.sensor_state.is_(None)),
        }
        """By name, worst first."""

    @property
    def worst(self) -> sa.ColumnElement[str]:
        return sa.case(
            *((condition, sa.literal(name)) for name, condition in self.conditions.items()),
            else_=sa.literal(WELL),
        )

    @property
    def rank(self) -> sa.ColumnElement[int]:
        found = enumerate(self.conditions.values())
        return sa.case(*((condition, sa.literal(rank)) for rank, condition in found), else_=99)


def is_bad(state: str) -> bool:
    """Whether shoppers or figures suffer from it now."""
    return state in BAD


def page(
    session: Session, scope: Scope, checks: Checks, state: str | None, number: int
) -> HealthPage:
    """Page `number` of the stores of which `state` is the worst, or of all; worst first."""
    counts = count(session, scope, checks)
    found = sum(counts.values()) if state is None else counts.get(state, 0)
    pages = max(-(-found // PAGE_LENGTH), 1)
    number = min(max(number, 1), pages)
    wanted = _statement(scope, checks, state).limit(PAGE_LENGTH)
    rows = session.execute(wanted.offset((number - 1) * PAGE_LENGTH))
    return HealthPage([_state(row, checks) for row in rows], counts, found, number, pages)


def everyone(
    session: Session, scope: Scope, checks: Checks, state: str | None
) -> Sequence[StoreState]:
    """All of them, for a file: one row a store."""
    return [_state(row, checks) for row in session.execute(_statement(scope, checks, state))]


def find(session: Session, checks: Checks, store_id: str) -> StoreState | None:
    row = session.execute(_statement(Scope(), checks, None).where(Store.id == store_id)).first()
    return None if row is None else _state(row, checks)


def count(session: Session, scope: Scope, checks: Checks) -> Mapping[str, int]:
    """Stores by what is worst of each, worst first; only what there is."""
    worst = checks.worst.label("worst")
    wanted = (
        sa.select(worst, sa.func.count())
        .select_from(Store)
        .outerjoin(StoreHealth, StoreHealth.store_id == Store.id)
        .where(*scope.conditions())
        .group_by(worst)
    )
    found = {row[0]: row[1] for row in session.execute(wanted)}
    return {name: found[name] for name in (*checks.conditions, WELL) if name in found}


def _statement(scope: Scope, checks: Checks, state: str | None) -> sa.Select[Any]:
    answers = [
        sa.func.coalesce(condition, sa.false()).label(name)
        for name, condition in checks.conditions.items()
    ]
    chosen: list[Any] = [Store.id, Store.name, Store.region, StoreHealth, *answers]
    wanted = (
        sa.select(*chosen)
        .outerjoin(StoreHealth, StoreHealth.store_id == Store.id)
        .where(*scope.conditions())
        .order_by(checks.rank, StoreHealth.heard_at, Store.id)
    )
    return wanted if state is None else wanted.where(checks.worst == state)


def _state(row: sa.Row[Any], checks: Checks) -> StoreState:
    store_id, name, region, health, *answers = tuple(row)
    wrong = tuple(each for each, applies in zip(checks.conditions, answers, strict=True) if applies)
    return StoreState(store_id, name, region, health, wrong)


def _is_behind(now: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a store that may goes by another version than the newest that is for it."""
    said = PushedVersion.published_at < now - _TAKES
    of_chain = sa.select(sa.func.max(PushedVersion.number)).where(
        said, PushedVersion.scope == PushedScope.CHAIN
    )
    its_own = (
        sa.select(sa.func.max(PushedAudience.number))
        .join(PushedVersion, PushedVersion.number == PushedAudience.number)
        .where(said, PushedAudience.store_id == StoreHealth.store_id)
        .correlate(StoreHealth)
    )
    goes_by = sa.func.coalesce(StoreHealth.pushed_version, 0)
    return sa.and_(
        StoreHealth.is_pinned.is_(False),
        sa.or_(goes_by < of_chain.scalar_subquery(), goes_by < its_own.scalar_subquery()),
    )


def _newest(versions: Sequence[str]) -> str:
    """The version beside which others are dated."""
    return max(versions, key=_parts, default="")


def _parts(version: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in version.split(".")]

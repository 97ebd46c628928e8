"""`doorman demo --once`: the whole way, by itself, and what came of it."""

import dataclasses
import time
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from appliance.demo.run import Running
from appliance.demo.shopper import Shopper
from core.models.member import Member
from core.models.outbox_event import OutboxEvent, OutboxState
from core.models.traffic import TrafficDay

_CLOSE_WITHIN_S = 60


@dataclasses.dataclass(slots=True)
class Outcome:
    """What `--once` prints. All counts are of what really arrived where it should."""

    ok: bool = False
    shopper_online: bool = False
    members: int = 0
    probe_requests: int = 0
    visits: int = 0
    crm_events_received: int = 0
    crm_events_lost: int = 0
    seconds: float = 0.0


def go(running: Running, cache: Path, started: float) -> Outcome:
    """A shopper joins, a past day is sensed and closed, the CRM hears of both.

    Raises:
        ShopperError, ProgramEndedError, TimeoutError: where the way is broken.
    """
    outcome = Outcome()
    state_url = f"{running.plan.fakes_url}/crm/state.json"
    with httpx.Client(timeout=10) as http:
        shopper = Shopper(
            http, running.plan.portal_url, f"{running.plan.fakes_url}/sms/messages.json"
        )
        shopper.join()
        outcome.shopper_online = shopper.is_online()

        running.sense_past_day(cache)
        # Only now: a day that is still being written must not be closed.
        running.start_jobs()
        running.processes.wait_for(
            "a closed day at the CRM", lambda: _day_arrived(http, state_url), _CLOSE_WITHIN_S
        )
    with running.database.reading() as session:
        day = session.scalars(sa.select(TrafficDay).where(TrafficDay.closed_at.is_not(None))).one()
        outcome.members = session.scalar(sa.select(sa.func.count(Member.id))) or 0
        # More may be written and sent by now.
        sent = sa.select(sa.func.count(OutboxEvent.id)).where(
            OutboxEvent.state != OutboxState.WAITING
        )
        gone = session.scalar(sent) or 0
    state = httpx.get(state_url, timeout=10).json()
    outcome.probe_requests = day.probe_requests
    outcome.visits = day.visitors
    outcome.crm_events_received = state["events_received"]
    outcome.crm_events_lost = max(gone - outcome.crm_events_received, 0)
    outcome.seconds = round(time.monotonic() - started, 1)
    outcome.ok = _is_whole(outcome, state)
    return outcome


def _day_arrived(http: httpx.Client, state_url: str) -> bool:
    state: dict[str, Any] = http.get(state_url).json()
    return bool(state["days"]) and bool(state["members"])


def _is_whole(outcome: Outcome, state: dict[str, Any]) -> bool:
    return (
        outcome.shopper_online
        and outcome.members == len(state["members"]) == 1
        and outcome.probe_requests > 0
        and outcome.visits > 0
        and outcome.crm_events_lost == 0
    )

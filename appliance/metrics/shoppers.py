"""Who may be online, and whether the gate and the codes work. Numbers alone."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Protocol

import sqlalchemy as sa

from appliance.metrics.sample import Sample
from core import code_usage
from core.database import Database
from core.metrics.family import gauge
from core.models.grant import Grant
from core.models.temporary_pass import TemporaryPass
from gate.client import GateError

GATE_UP = gauge("doorman_gate_up", "Whether the gate answers", "1.")
PHONES_ONLINE = gauge(
    "doorman_phones_online",
    "Phones that the gate lets through",
    "`doorman_grants_active`, give or take who comes or goes at this moment.",
)
GRANTS = gauge(
    "doorman_grants_active",
    "Sessions that run by the database",
    "What is usual at this hour; 0 in an open shop is not.",
)
HELD = gauge(
    "doorman_grants_held",
    "Sessions on hold because another device uses the phone's address",
    "0, now and then 1. Many: somebody copies addresses, or a repeater shares one.",
)
PASSES = gauge("doorman_passes_active", "Temporary passes that run", "Few.")
CODES_BEGUN = gauge(
    "doorman_codes_begun",
    "Logins by text message that began in an hour, ten minutes ago or earlier",
    "What is usual at this hour.",
)
CODES_USED = gauge(
    "doorman_codes_used",
    "Those of doorman_codes_begun whose code was typed",
    "Nine of ten. Far fewer: messages do not arrive, or somebody pumps SMS.",
)
CODES_LOST = gauge(
    "doorman_codes_lost",
    "Text messages of that hour which did not arrive, by the carriers' word",
    "Few.",
)
FAMILIES = (GATE_UP, PHONES_ONLINE, GRANTS, HELD, PASSES, CODES_BEGUN, CODES_USED, CODES_LOST)


class Gate(Protocol):
    """What is asked of the gate's client. May raise GateError."""

    def online(self) -> Mapping[str, object]: ...


def of_gate(gate: Gate) -> Iterator[Sample]:
    try:
        count = len(gate.online())
    except GateError:
        yield Sample(GATE_UP, 0)
        return
    yield Sample(GATE_UP, 1)
    yield Sample(PHONES_ONLINE, count)


def of_database(database: Database, now: dt.datetime) -> Iterator[Sample]:
    runs = (Grant.ended_at.is_(None), Grant.expires_at > now)
    pass_runs = (
        TemporaryPass.opened_at.is_not(None),
        TemporaryPass.ended_at.is_(None),
        TemporaryPass.expires_at > now,
    )
    grants = sa.select(sa.func.count(), sa.func.count(Grant.challenged_at)).where(*runs)
    passes = sa.select(sa.func.count()).select_from(TemporaryPass).where(*pass_runs)
    with database.reading() as session:
        active, held = session.execute(grants).one()
        open_passes = session.scalar(passes) or 0
        usage = code_usage.measure(session, now)
    yield Sample(GRANTS, active)
    yield Sample(HELD, held)
    yield Sample(PASSES, open_passes)
    yield Sample(CODES_BEGUN, usage.begun)
    yield Sample(CODES_USED, usage.verified)
    yield Sample(CODES_LOST, usage.lost)

"""How news for the CRM gets on, and which of headquarters' versions is gone by."""

import datetime as dt
from collections.abc import Iterator

from appliance.metrics.sample import Sample
from core import crm_line, outbox
from core.database import Database
from core.metrics.family import counter, gauge
from core.pushed.folder import Folder
from core.settings import Settings

WAITING = gauge(
    "doorman_outbox_waiting",
    "News for the CRM that waits to be sent",
    "Near 0; rises while the CRM is away.",
)
OLDEST = gauge(
    "doorman_outbox_oldest_age_seconds",
    "Age of the oldest news that waits; 0: none waits",
    "Below a minute.",
)
PARKED = gauge(
    "doorman_outbox_parked",
    "News that the CRM refused for good",
    "0; each waits for a person (`doorman crm parked`).",
)
DROPPED = counter(
    "doorman_outbox_dropped_total",
    "News given up unsent because too much waited",
    "Stays as it is.",
)
BREAKER = gauge(
    "doorman_crm_breaker",
    "1 for the state that the line to the CRM is in",
    "`closed`. `open`: the CRM failed, nothing is sent until the wait is over.",
    "state",
)
CRM_SUCCESS = gauge(
    "doorman_crm_last_success_timestamp_seconds",
    "When the CRM last answered",
    "As long ago as the last news is.",
)
DIFFERENCES = gauge(
    "doorman_crm_differences",
    "What store and CRM held differently when last compared, by night",
    "0, or few after an outage; mended by itself.",
)
VERSION = gauge(
    "doorman_pushed_version",
    "Headquarters' version of settings that is gone by; 0: none",
    "`doorman_hq_pushed_version` of headquarters, for a store of the whole chain's versions.",
)
PINNED = gauge(
    "doorman_pushed_pinned",
    "Whether this store was rolled back and takes no newer version",
    "0; 1 as long as somebody wants it so.",
)
CONFIGURED = gauge(
    "doorman_headquarters_configured",
    "Whether the settings name a headquarters",
    "1 in a chain.",
)
OF_OUTBOX = (WAITING, OLDEST, PARKED, DROPPED, BREAKER, CRM_SUCCESS, DIFFERENCES)
FAMILIES = (*OF_OUTBOX, VERSION, PINNED, CONFIGURED)


def of_outbox(database: Database, now: dt.datetime) -> Iterator[Sample]:
    with database.reading() as session:
        standing, line = outbox.standing(session), crm_line.read(session)
    age = (now - standing.oldest_at).total_seconds() if standing.oldest_at else 0
    yield Sample(WAITING, standing.waiting)
    yield Sample(OLDEST, max(age, 0))
    yield Sample(PARKED, standing.parked)
    yield Sample(DROPPED, line.dropped)
    present = crm_line.state(line, now)
    for state in crm_line.State:
        yield Sample(BREAKER, state is present, (state,))
    if line.last_success_at:
        yield Sample(CRM_SUCCESS, line.last_success_at.timestamp())
    if line.reconciled_at:
        yield Sample(DIFFERENCES, line.differences)


def of_pushed(settings: Settings) -> Iterator[Sample]:
    standing = Folder(settings.data_dir).standing()
    yield Sample(CONFIGURED, bool(settings.headquarters.url))
    yield Sample(VERSION, standing.version or 0)
    yield Sample(PINNED, standing.is_pinned)

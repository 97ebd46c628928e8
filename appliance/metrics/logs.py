"""Whether the law's logs are whole and written, looked up when Prometheus asks."""

import datetime as dt
from collections.abc import Iterator

from access_log import verified
from access_log.flows import files
from appliance.metrics.sample import Sample
from core import sign_of_life
from core.metrics.family import gauge
from core.settings import Settings

VERIFIED = gauge(
    "doorman_log_verified_timestamp_seconds",
    "When a log of the law was last gone through",
    "Last night; absent before the first time.",
    "log",
)
WHOLE = gauge(
    "doorman_log_whole",
    "Whether it was as it had been written",
    "1. 0: a row or block was changed, or is gone.",
    "log",
)
FLOWS_WRITTEN = gauge(
    "doorman_flow_log_written",
    "Whether the flow log is being written",
    "1; absent where there is none, or none any more for two days.",
)
# Who ends the flow log on purpose leaves its files where they are.
_ENDED = dt.timedelta(days=2)
FAMILIES = (VERIFIED, WHOLE, FLOWS_WRITTEN)


def of_logs(found: Settings, now: dt.datetime) -> Iterator[Sample]:
    for log, result in sorted(verified.read(found.data_dir).items()):
        yield Sample(VERIFIED, result.at.timestamp(), (log,))
        yield Sample(WHOLE, not result.trouble, (log,))
    sign = sign_of_life.read(found.run_dir, "flows")
    if sign is not None:
        yield Sample(FLOWS_WRITTEN, not sign.is_stale(now) and not sign.trouble)
    elif (last := _last_hour(found)) and now - last < _ENDED:
        yield Sample(FLOWS_WRITTEN, 0)


def _last_hour(found: Settings) -> dt.datetime | None:
    try:
        kept = files.listed(found.flows_dir)
    except OSError:
        # Whoever keeps them lets nobody look.
        return None
    return kept[-1].hour if kept else None

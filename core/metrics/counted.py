"""What programs count while they work. `appliance.metrics` adds what is looked up when asked."""

from core.metrics.counting import Count, Latest, Spread
from core.metrics.family import counter, gauge, histogram

REQUESTS = Count(
    counter(
        "doorman_requests_total",
        "Requests answered, by sort of page and HTTP status",
        "5xx below 1 % of all; a shop that is open has some every minute. `redirect` is few where"
        " nginx stands in front: it answers phones' probes itself.",
        *("program", "route", "status"),
    )
)
REQUEST_DURATION = Spread(
    histogram(
        "doorman_request_duration_seconds",
        "Time to answer a request, without the network",
        "19 of 20 pages within 0.25 s; `form` takes longer, since a carrier is asked for codes.",
        *("program", "route"),
        buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    )
)
LOGINS = Count(
    counter(
        "doorman_logins_total",
        "Steps of logins, by way and outcome",
        "About as many `online` as `code_sent`. Many `wrong_code` or `locked_code`: somebody"
        " guesses. Any `gate_failed`: shoppers with a right code stay offline.",
        *("way", "outcome"),
    )
)
REFUSALS = Count(
    counter(
        "doorman_refusals_total",
        "What the portal refused a phone, by the limit that said so",
        "`too_soon` now and then. `store_day`: no more codes are sent today, to anybody.",
        "reason",
    )
)
SMS_SENDS = Count(
    counter(
        "doorman_sms_sends_total",
        "Text messages handed to a carrier, by what it said",
        "`taken`. `down` now and then; any `set_up` has to be mended by a person.",
        *("carrier", "outcome"),
    )
)
SMS_DURATION = Spread(
    histogram(
        "doorman_sms_send_duration_seconds",
        "Time a carrier took to take or refuse a message",
        "Below 1 s; a shopper waits for it.",
        "carrier",
        buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    )
)
GATE_REQUESTS = Count(
    counter(
        "doorman_gate_requests_total",
        "Requests of portal and jobs to the gate, by outcome",
        "`done` alone. `unavailable`: the gate is down or slow; `refused`: it does not know the"
        " caller or the request.",
        "outcome",
    )
)
PASSES = Count(
    counter(
        "doorman_passes_total",
        "Temporary passes opened, by kind of phone",
        "Fewer than logins by WeChat, times three.",
        "kind",
    )
)
GRANTS_ENDED = Count(
    counter(
        "doorman_grants_ended_total",
        "Sessions ended by the jobs, by cause",
        "`expired` and `idle`; `quota` where plans have one.",
        "cause",
    )
)
JOB_RUNS = Count(
    counter(
        "doorman_job_runs_total",
        "Turns of a job, by outcome",
        "`failed` stays as it is.",
        *("job_name", "outcome"),
    )
)
JOB_SECONDS = Count(
    counter(
        "doorman_job_seconds_total",
        "Time that turns of a job took, together",
        "Grows by far less than a second a second.",
        "job_name",
    )
)
JOB_SUCCESS = Latest(
    gauge(
        "doorman_job_last_success_timestamp_seconds",
        "When a turn of a job last went well",
        "Not longer ago than twice the time between its turns (`doorman_job_period_seconds`).",
        "job_name",
    )
)
JOB_PERIOD = Latest(
    gauge(
        "doorman_job_period_seconds",
        "How often a job has its turn",
        "As the settings say; of several that were set, the longest.",
        "job_name",
    )
)
EVENTS = Count(
    counter(
        "doorman_events_sent_total",
        "News for the CRM, by what came of it",
        "`accepted`, `duplicate` after a crash, `postponed` while the CRM is away. `refused` is"
        " parked for a person; `dropped` is lost.",
        "outcome",
    )
)
ACCESS_LOG_FAILURES = Count(
    counter(
        "doorman_access_log_failures_total",
        "Times that the access log could not be written, and what it tells of not done",
        "0. While it grows nobody new gets in: a disk that is full, a database that is gone.",
    )
)
WITHDRAWALS = Count(
    counter(
        "doorman_crm_withdrawals_total",
        "Who has opted out of marketing at the CRM, by what came of it",
        "`withdrawn` here, too; `known` already, or agreed anew since; `unknown` are of another"
        " store, or gone. A hundred an hour: ask the CRM's people.",
        "outcome",
    )
)
HEADQUARTERS_HEARD = Latest(
    gauge(
        "doorman_headquarters_last_heard_timestamp_seconds",
        "When headquarters last answered the heartbeat",
        "A few minutes ago. 0: not since the box started, which matters if"
        " `doorman_headquarters_configured` is 1.",
    )
)

ALL = (
    REQUESTS,
    REQUEST_DURATION,
    LOGINS,
    REFUSALS,
    SMS_SENDS,
    SMS_DURATION,
    GATE_REQUESTS,
    PASSES,
    GRANTS_ENDED,
    JOB_RUNS,
    JOB_SECONDS,
    JOB_SUCCESS,
    JOB_PERIOD,
    EVENTS,
    WITHDRAWALS,
    ACCESS_LOG_FAILURES,
    HEADQUARTERS_HEARD,
)

ACCESS_LOG_FAILURES.begin()
for _outcome in ("done", "unavailable", "refused"):
    GATE_REQUESTS.begin(_outcome)
for _outcome in ("accepted", "duplicate", "refused", "postponed", "passed_over", "dropped"):
    EVENTS.begin(_outcome)
for _outcome in ("withdrawn", "known", "unknown"):
    WITHDRAWALS.begin(_outcome)

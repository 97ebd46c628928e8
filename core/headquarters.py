"""What a store and the chain's headquarters call things when they speak.

    POST <headquarters><question>      JSON; `doorman-store: <store id>`; signed by that store's key

(`core.webhook_signature`). `to` in the body repeats the question, since the scheme signs
bodies and no addresses. docs/headquarters.md shows the questions and the answers; those about
logins by WeChat are in `core.wechat_relay`.
"""

import enum

STORE_HEADER = "doorman-store"

EVENTS = "/v1/events"
"""Takes batches of events, which are no questions: docs/events."""
HEARTBEAT = "/v1/heartbeat"
PUSHED = "/v1/pushed"
SMS = "/v1/sms"
SMS_RECEIPT = "/v1/sms/receipt"
ERASURES = "/v1/erasures"
MARKETING_WITHDRAWALS = "/v1/marketing-withdrawals"
"""Who wants no marketing any more, as the chain's CRM says."""
RECONCILE = "/v1/reconcile"
ANCHOR = "/v1/anchor"
"""Where the store's access log stands."""


class SmsOutcome(enum.StrEnum):
    """What became of a code that headquarters was handed, in `outcome`."""

    TAKEN = "taken"
    """A carrier has it; or had it handed to it when headquarters was cut off, and may send it."""
    DOWN = "down"
    SET_UP = "set_up"
    """Somebody has to mend headquarters' settings, or its account at a carrier."""
    NUMBER_REFUSED = "number_refused"
    NUMBER_BUSY = "number_busy"
    STORE_LIMIT = "store_limit"
    """The store has had as many sent as a store may in 24 hours."""

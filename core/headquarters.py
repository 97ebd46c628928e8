"""What a store and the chain's headquarters call things when they speak.

    POST <headquarters><question>      JSON; `doorman-store: <store id>`; signed by that store's key

(`core.webhook_signature`). `to` in the body repeats the question, since the scheme signs
bodies and no addresses. docs/headquarters.md shows the questions and the answers; those about
logins by WeChat are in `core.wechat_relay`.
"""

STORE_HEADER = "doorman-store"

HEARTBEAT = "/v1/heartbeat"
PUSHED = "/v1/pushed"
SMS = "/v1/sms"
ERASURES = "/v1/erasures"

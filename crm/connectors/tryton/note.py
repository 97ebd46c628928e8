"""What a note says. The same words for the same news, by which a note is found again."""

from core.outbox import EventType
from crm.event import Event


def message(event: Event) -> str:
    words = WORDS[EventType(event.type)].format_map(event.data)
    return f"{words} · {event.data['store']}"


_CAMPAIGN = "“{campaign[name]}”"
WORDS = {
    EventType.CONSENT_GIVEN: "Agrees to {purpose} since {given_at} (wording {wording_version})",
    EventType.CONSENT_WITHDRAWN: "Agrees to {purpose} no longer since {withdrawn_at}",
    EventType.VISIT_CLOSED: "Was in the store from {start} to {end}",
    EventType.ATTRIBUTION_CHANGED: (
        "Brought by {source[kind]} {source[name]} ({source[code]}) from {since} to {until}"
    ),
    EventType.COUPON_ISSUED: f"Got coupon {{code}} of {_CAMPAIGN} at {{issued_at}}",
    EventType.COUPON_USED: f"Used coupon {{code}} of {_CAMPAIGN} at {{used_at}}",
    EventType.CAMPAIGN_CLICK: f"Followed the link of {_CAMPAIGN} at {{clicked_at}}",
}

"""One made-up event of each type, to show what a CRM is sent where nothing waits."""

import datetime as dt
from collections.abc import Mapping

from core.outbox import EventType
from crm.event import Event

ID_PREFIX = "01ARZ3NDEKTSV4RRFFQ69G5F"
"""Of the ids of made-up events."""
MEMBER, ABSORBED = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"
_AT = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
_LATER = _AT + dt.timedelta(days=30)
_START, _END = _AT - dt.timedelta(minutes=25), _AT
_DAY = "2026-05-16"

_CONSENT = {"purpose": "marketing", "wording_version": "3f2a9c", "language": "zh"}
_COUPON = {"campaign": {"id": 4, "name": "Spring tea"}, "code": "TEA-7K2M-91QX"}
_SOURCE = {"kind": "guide", "code": "G7", "name": "Guide Seven"}
_WHOLE = {
    "phone": "+8613800138000",
    "phone_verified_at": _AT.isoformat(),
    "phone_bound_at": _AT.isoformat(),
    "email": "wei@example.com",
    "email_verified_at": _AT.isoformat(),
    "email_bound_at": None,
    "unionid": "oUnionIdMadeUp7Q2M",
    "openids": ["wx0123456789abcdef:oOpenIdMadeUp5T8K"],
    "language": "zh",
    "enrolled_at": _AT.isoformat(),
    "consents": ["marketing", "membership"],
}
_ABOUT_MEMBERS: Mapping[EventType, Mapping[str, object]] = {
    EventType.MEMBER_ENROLLED: _WHOLE,
    EventType.MEMBER_UPDATED: {**_WHOLE, "consents": ["membership"]},
    EventType.MEMBER_MERGED: {"absorbed": [ABSORBED]},
    EventType.MEMBER_ERASED: {"absorbed": [], "erased_at": _AT.isoformat()},
    EventType.CONSENT_GIVEN: {**_CONSENT, "given_at": _AT.isoformat()},
    EventType.CONSENT_WITHDRAWN: {
        **_CONSENT,
        "given_at": _AT.isoformat(),
        "withdrawn_at": _LATER.isoformat(),
    },
    EventType.VISIT_CLOSED: {
        "start": _START.isoformat(),
        "end": _END.isoformat(),
        "dwell_s": 1500,
        "source": "wifi",
    },
    EventType.ATTRIBUTION_CHANGED: {
        "source": _SOURCE,
        "since": _AT.isoformat(),
        "until": _LATER.isoformat(),
    },
    EventType.COUPON_ISSUED: {
        **_COUPON,
        "issued_at": _AT.isoformat(),
        "expires_at": _LATER.isoformat(),
    },
    EventType.COUPON_USED: {**_COUPON, "used_at": _LATER.isoformat()},
    EventType.CAMPAIGN_CLICK: {
        "campaign": _COUPON["campaign"],
        "clicked_at": _AT.isoformat(),
    },
}


def of_member(kind: EventType, store: str) -> Event | None:
    """None of a type that tells of no member: figures are told as they are, to whom takes them."""
    told = _ABOUT_MEMBERS.get(kind)
    if told is None:
        return None
    number = list(_ABOUT_MEMBERS).index(kind) + 1
    return Event.telling(
        {"member": MEMBER, **told, "store": store, "version": number},
        id=f"{ID_PREFIX}{number:02}",
        type=kind.value,
        source=f"/stores/{store}",
        subject=MEMBER,
        time=_AT,
    )

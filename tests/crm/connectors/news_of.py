"""Events as a store sends them, for tests of connectors; held to the contract of events."""

import datetime as dt
import itertools
import json

import ulid

from core.events.contract import DATA
from core.outbox import EventType
from crm.event import Event

STORE = "store-1"
_counted = itertools.count(1)
_AT = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
_LATER = _AT + dt.timedelta(days=30)
_CAMPAIGN = {"id": 4, "name": "Spring tea"}


def new_id():
    """A member's public id, or an event's."""
    return str(ulid.ULID())


def phone():
    """Another one each time."""
    return f"+86138{next(_counted):08}"


def event(kind, member, version, *, event_id=None, **data):
    data = {"member": member, **data, "store": STORE, "version": version}
    body = json.dumps(data, ensure_ascii=False)
    DATA[kind].model_validate_json(body)
    return Event(event_id or new_id(), kind.value, f"/stores/{STORE}", member, _AT, body.encode())


def enrolled(member, version=1, **changes):
    return _whole(EventType.MEMBER_ENROLLED, member, version, changes)


def updated(member, version=2, **changes):
    return _whole(EventType.MEMBER_UPDATED, member, version, changes)


def _whole(kind, member, version, changes):
    data = {
        "phone": "+8613800138000",
        "phone_verified_at": _AT.isoformat(),
        "phone_bound_at": None,
        "email": None,
        "email_verified_at": None,
        "email_bound_at": None,
        "unionid": None,
        "openids": [],
        "language": "zh",
        "enrolled_at": _AT.isoformat(),
        "consents": ["membership"],
    }
    return event(kind, member, version, **{**data, **changes})


def merged(member, version, *absorbed):
    return event(EventType.MEMBER_MERGED, member, version, absorbed=list(absorbed))


def erased(member, version=9, *absorbed):
    return event(
        EventType.MEMBER_ERASED,
        member,
        version,
        absorbed=list(absorbed),
        erased_at=_AT.isoformat(),
    )


def attribution(member, version=3, code="G7", name="Guide Seven"):
    source = {"kind": "guide", "code": code, "name": name}
    times = {"since": _AT.isoformat(), "until": _LATER.isoformat()}
    return event(EventType.ATTRIBUTION_CHANGED, member, version, source=source, **times)


def coupon_issued(member, version=3, code="TEA-1"):
    times = {"issued_at": _AT.isoformat(), "expires_at": _LATER.isoformat()}
    return event(EventType.COUPON_ISSUED, member, version, campaign=_CAMPAIGN, code=code, **times)


def coupon_used(member, version=4, code="TEA-1"):
    used = {"used_at": _AT.isoformat()}
    return event(EventType.COUPON_USED, member, version, campaign=_CAMPAIGN, code=code, **used)


def click(member, version=5):
    at = _AT.isoformat()
    return event(EventType.CAMPAIGN_CLICK, member, version, campaign=_CAMPAIGN, clicked_at=at)


def visit(member, version=6):
    end = _AT + dt.timedelta(minutes=25)
    return event(
        EventType.VISIT_CLOSED,
        member,
        version,
        start=_AT.isoformat(),
        end=end.isoformat(),
        dwell_s=1500,
        source="wifi",
    )


def consent(member, version=2, *, purpose="marketing", withdrawn=False):
    data = {"purpose": purpose, "wording_version": "2026-01", "language": "zh"}
    data["given_at"] = _AT.isoformat()
    if not withdrawn:
        return event(EventType.CONSENT_GIVEN, member, version, **data)
    data["withdrawn_at"] = _LATER.isoformat()
    return event(EventType.CONSENT_WITHDRAWN, member, version, **data)


SAYS = {
    EventType.CONSENT_GIVEN: consent,
    EventType.CONSENT_WITHDRAWN: lambda member, version: consent(member, version, withdrawn=True),
    EventType.VISIT_CLOSED: visit,
    EventType.ATTRIBUTION_CHANGED: attribution,
    EventType.COUPON_ISSUED: coupon_issued,
    EventType.COUPON_USED: coupon_used,
    EventType.CAMPAIGN_CLICK: click,
}
"""By type, an event that says more about a member: of `(member, version)`."""

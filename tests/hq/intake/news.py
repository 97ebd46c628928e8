"""Events as stores send them, and a headquarters to send them to."""

import datetime as dt
import gzip
import itertools
import json

import ulid

from core import headquarters, webhook_signature

T0 = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def event_id(at=T0):
    """A ULID that differs from every other."""
    return str(ulid.ULID.from_datetime(at))


def member_id(number):
    return str(ulid.ULID.from_bytes(number.to_bytes(16, "big")))


def event(kind, subject, data, *, store="store-7", at=T0, id=None):  # noqa: A002 - its name
    return {
        "specversion": "1.0",
        "id": id or event_id(at),
        "source": f"/stores/{store}",
        "type": kind,
        "subject": subject,
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {"store": store, **data},
    }


def member(number, version=1, *, kind="enrolled", store="store-7", at=T0, **keys):
    """A member event; of `keys` those that matter."""
    data = {
        "member": member_id(number),
        "version": version,
        "phone": None,
        "phone_verified_at": None,
        "phone_bound_at": None,
        "email": None,
        "email_verified_at": None,
        "email_bound_at": None,
        "unionid": None,
        "openids": [],
        "language": "zh",
        "enrolled_at": at.isoformat(),
        "consents": ["membership"],
        **keys,
    }
    for key in ("phone", "email"):
        if data[key] and not data[f"{key}_verified_at"]:
            data[f"{key}_verified_at"] = at.isoformat()
        if data[key] and (data["unionid"] or data["openids"]) and not data[f"{key}_bound_at"]:
            data[f"{key}_bound_at"] = at.isoformat()
    return event(f"doorman.member.{kind}", data["member"], data, store=store, at=at)


def about(kind, number, version, *, store="store-7", at=T0, **data):
    """Another event about a member."""
    subject = member_id(number)
    return event(kind, subject, {"member": subject, "version": version, **data}, store=store, at=at)


def click(number, version=2, **more):
    data = {"campaign": {"id": 1, "name": "May"}, "clicked_at": T0.isoformat()}
    return about("doorman.campaign.click", number, version, **data, **more)


def signed(events, key, now, *, store="store-7", packed=False, body=None):
    """Body and headers of a request."""
    body = json.dumps(events).encode() if body is None else body
    if packed:
        body = gzip.compress(body, 1)
    headers = webhook_signature.headers(key, f"batch_{next(_numbers)}", body, now)
    headers |= {headquarters.STORE_HEADER: store, "content-type": "application/json"}
    return body, headers | ({"content-encoding": "gzip"} if packed else {})


def send(relay, events, *, store="store-7", key=None, packed=False, body=None):
    """Post events to a `tests.hq.parts.Relay`."""
    body, headers = signed(
        events, key or relay.key, relay.clock.now, store=store, packed=packed, body=body
    )
    return relay.browser.post(headquarters.EVENTS, data=body, headers=headers)


def statuses(answer):
    return [row["status"] for row in answer.json["results"]]

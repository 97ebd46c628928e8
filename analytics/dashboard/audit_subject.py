"""What a request to the store's dashboard is about, for its audit log. Nothing personal: who
types a phone number where a member's id belongs leaves no trace of it.
"""

import re

from flask import request

from analytics.dashboard import coupons, online, uploads
from analytics.dashboard.parts import wired
from analytics.dashboard.site import Subject

ERASE_REASONS = ("counter", "message", "mistake")
REVEAL_REASONS = ("asked", "reach", "dispute")
PROOFS = ("phone", "letter", "authorised")
"""How the staff made sure who asks."""
_REASONS = {
    "members.erase": ERASE_REASONS,
    "members.reveal": REVEAL_REASONS,
    "will.export": PROOFS,
    "will.withdraw_marketing": PROOFS,
    "will.withdraw_visits": PROOFS,
}

_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
# No phone number has so few digits.
_HIGHEST_NUMBER = 999_999


def of_request() -> Subject:
    return Subject(_member(), _number(), _reason())


def _member() -> str | None:
    """The public id of the one member that the request is about."""
    parts = wired()
    if request.endpoint == "online.cut":
        return online.member_of(parts.database, request.form.get("device", ""))
    if request.endpoint == "coupons.redeem":
        return coupons.member_of(parts.database, request.form.get("code", ""))
    if request.endpoint in _REASONS:
        given = request.form.get("member", "")
    else:
        given = (request.view_args or {}).get("member", "")
    return given if _ULID.fullmatch(given) else None


def _number() -> int | None:
    if request.endpoint == "campaigns.save":
        uploads.allow()
        given = request.form.get("number", type=int)
    else:
        of_list = request.args.get("page", type=int)
        given = (request.view_args or {}).get("number", of_list)
    return given if given is not None and 0 <= given <= _HIGHEST_NUMBER else None


def _reason() -> str | None:
    reasons = _REASONS.get(request.endpoint or "")
    if reasons is None:
        # Its form is the view's to read: there may be a large file in it.
        return None
    given = request.form.get("reason", "")
    return given if given in reasons else None

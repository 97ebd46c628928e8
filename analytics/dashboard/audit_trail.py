"""What of a request goes into the audit log. Nothing personal: who types a phone number where a
member's id belongs leaves no trace of it.
"""

import re

from flask import Response, g, request

from analytics.dashboard import audit, coupons, online, uploads
from analytics.dashboard.parts import wired
from analytics.dashboard.roles import Log, Right
from analytics.dashboard.sign_ins import SignedIn
from core.models.audit_entry import AuditEntry
from core.models.user import User

ERASE_REASONS = ("counter", "message", "mistake")

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
# No phone number has so few digits.
_HIGHEST_NUMBER = 999_999


def begin(right: Right, user: SignedIn) -> None:
    """Write down a use of this right, before anything is seen or done."""
    if right.log is Log.NOT:
        return
    write = audit.write_first if right.log is Log.FIRST else audit.write
    write(wired().database, _entry(user))
    g.is_logged = True


def refuse(user: SignedIn) -> None:
    """Write down that somebody wanted what their role does not allow."""
    audit.write(wired().database, _entry(user, refused_with=403))


def finish(response: Response) -> Response:
    """Of a change that was not done after all, write down as much."""
    is_refused = response.status_code >= 400  # noqa: PLR2004 - HTTP's own line
    if g.get("is_logged", False) and is_refused and request.method not in _READS:
        audit.write(wired().database, _entry(g.user, refused_with=response.status_code))
    return response


def sign_in(user: User | None, *, refused_with: int | None = None) -> None:
    """Write down a sign-in, or one that failed.

    A `user` of None: there is nobody of the name, which may be a password typed by mistake.
    """
    entry = AuditEntry(
        at=wired().clock(),
        user_name=user and user.name,
        role=user and user.role,
        address=request.remote_addr,
        action=request.endpoint,
        refused_with=refused_with,
    )
    audit.write(wired().database, entry)


def _entry(user: SignedIn, *, refused_with: int | None = None) -> AuditEntry:
    return AuditEntry(
        at=wired().clock(),
        user_name=user.name,
        role=user.role,
        address=request.remote_addr,
        action=request.endpoint,
        member=_member(),
        number=_number(),
        about_user=user.name if request.blueprint == "account" else None,
        reason=_reason(),
        refused_with=refused_with,
    )


def _member() -> str | None:
    """The public id of the one member that the request is about."""
    parts = wired()
    if request.endpoint == "online.cut":
        return online.member_of(parts.database, request.form.get("device", ""))
    if request.endpoint == "coupons.redeem":
        return coupons.member_of(parts.database, request.form.get("code", ""))
    if request.endpoint == "members.erase":
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
    if request.endpoint != "members.erase":
        return None
    given = request.form.get("reason", "")
    return given if given in ERASE_REASONS else None

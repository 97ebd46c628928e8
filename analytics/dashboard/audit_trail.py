"""What of a request goes into the audit log."""

from flask import Response, g, request

from analytics.dashboard import audit
from analytics.dashboard.rights import Log, Right
from analytics.dashboard.sign_ins import SignedIn
from analytics.dashboard.site import frame, site
from core.models.audit_entry import AuditEntry
from core.models.user import User

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def begin(right: Right, user: SignedIn) -> None:
    """Write down a use of this right, before anything is seen or done."""
    if right.log is Log.NOT:
        return
    write = audit.write_first if right.log is Log.FIRST else audit.write
    write(site().database, _entry(user))
    g.is_logged = True


def refuse(user: SignedIn) -> None:
    """Write down that somebody wanted what their role does not allow."""
    audit.write(site().database, _entry(user, refused_with=403))


def finish(response: Response) -> Response:
    """Of a change that was not done after all, write down as much."""
    is_refused = response.status_code >= 400  # noqa: PLR2004 - HTTP's own line
    if g.get("is_logged", False) and is_refused and request.method not in _READS:
        audit.write(site().database, _entry(g.user, refused_with=response.status_code))
    return response


def sign_in(user: User | None, *, refused_with: int | None = None) -> None:
    """Write down a sign-in, or one that failed.

    A `user` of None: there is nobody of the name, which may be a password typed by mistake.
    """
    entry = AuditEntry(
        at=site().clock(),
        user_name=user and user.name,
        role=user and user.role,
        address=request.remote_addr,
        action=request.endpoint,
        refused_with=refused_with,
    )
    audit.write(site().database, entry)


def _entry(user: SignedIn, *, refused_with: int | None = None) -> AuditEntry:
    about = frame().subject()
    return AuditEntry(
        at=site().clock(),
        user_name=user.name,
        role=user.role,
        address=request.remote_addr,
        action=request.endpoint,
        member=about.member,
        number=about.number,
        about_user=user.name if request.blueprint == "account" else None,
        reason=about.reason,
        refused_with=refused_with,
    )

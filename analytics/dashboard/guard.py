"""Keeps strangers and foreign forms out. Closed by default: a view nobody thought of is shut.

Every request needs a signed-in user, also one for a page that does not exist, unless its
endpoint is listed in OPEN; and that user needs a role that the site's `rights` let in there.
"""

from flask import abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import audit_trail, sign_ins
from analytics.dashboard.sign_ins import SignedIn
from analytics.dashboard.site import frame, site

OPEN = frozenset(
    {"sign_in.form", "sign_in.submit", "sign_in.code_form", "sign_in.check_code", "static"}
)
AGAIN = "again"
"""A page that fetches itself anew says so by this argument: nobody has done anything."""

_TOKEN = "token"  # noqa: S105 - a key of the cookie
_HALF = "half"
_HALF_UNTIL = "half_until"
_HALF_S = 300
_SETTING_UP = frozenset({"account", "sign_in"})
_OPEN_FILES = (".css", ".svg")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def admit(user_id: int) -> None:
    """Begin the session of somebody who has just shown who they are."""
    parts = site()
    session.clear()
    session.permanent = True
    session[_TOKEN] = sign_ins.begin(parts.database, parts.sealer, user_id, parts.clock())


def admit_half(user_id: int) -> None:
    """Remember for five minutes whose password was right, and whose code is still to come."""
    session.clear()
    session[_HALF] = user_id
    session[_HALF_UNTIL] = site().clock().timestamp() + _HALF_S


def half_admitted() -> int | None:
    is_late = site().clock().timestamp() >= session.get(_HALF_UNTIL, 0)
    return None if is_late else session.get(_HALF)


def is_signed_in() -> bool:
    """Whether the sign-in of this request still holds: for an answer that takes its time."""
    return _signed_in() is not None


def dismiss() -> None:
    parts = site()
    sign_ins.end(parts.database, parts.sealer, session.get(_TOKEN, ""))
    session.clear()


def refuse_strangers() -> ResponseReturnValue | None:
    g.user = _signed_in()
    g.user_name = g.user.name if g.user else None
    if g.user is None and not _is_open():
        return redirect(url_for("sign_in.form"), 303)
    if g.user is not None and site().requires_codes and not g.user.has_codes and not _sets_up():
        return redirect(url_for("account.page"), 303)
    return None


def refuse_other_roles() -> ResponseReturnValue | None:
    """Stop who may not, and write down who may. After `refuse_strangers`."""
    endpoint, user = request.endpoint, g.user
    if endpoint is None or endpoint in OPEN:
        return None
    right = frame().rights.to(endpoint)
    if right is None or user.role not in right.roles:
        audit_trail.refuse(user)
        return render_template("error.html", code="role"), 403
    audit_trail.begin(right, user)
    return None


def refuse_foreign_forms() -> None:
    """Stop cross-site request forgery: only our own pages may change anything here.

    Browsers tell where a form comes from in `Sec-Fetch-Site` (Fetch Metadata; not over
    plain HTTP) and in `Origin` (always with POST). Who sends neither is no browser.
    """
    if request.method in _READS:
        return
    sent_from = request.headers.get("Sec-Fetch-Site")
    ours = sent_from == "same-origin" if sent_from else _origin_is_ours()
    if not ours:
        abort(403)


def _is_open() -> bool:
    if request.endpoint == "static":
        # What the page for signing in takes. A large script could be asked for, and never read.
        return request.path.endswith(_OPEN_FILES)
    return request.endpoint in OPEN


def _sets_up() -> bool:
    """Whether this is what a user needs who has yet to turn codes on."""
    return _is_open() or request.blueprint in _SETTING_UP


def _origin_is_ours() -> bool:
    # Not `urlsplit`, which raises at some: an origin is a scheme and a host, and no more.
    return request.headers.get("Origin", "").partition("://")[2] == request.host


def _signed_in() -> SignedIn | None:
    """Of a session that has not run out, whose user has not been deleted since."""
    parts, token = site(), session.get(_TOKEN)
    if token is None:
        return None
    by_itself = AGAIN in request.args or request.accept_mimetypes.best == "text/event-stream"
    return sign_ins.find(
        parts.database,
        parts.sealer,
        token,
        parts.lifetime,
        parts.clock(),
        is_active=not by_itself,
    )

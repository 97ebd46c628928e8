"""Keeps strangers and foreign forms out. Closed by default: a view nobody thought of is shut.

Every request needs a signed-in user, also one for a page that does not exist, unless its
endpoint is listed in OPEN.
"""

from urllib.parse import urlsplit

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import accounts
from analytics.dashboard.parts import wired

OPEN = frozenset({"sign_in.form", "sign_in.submit", "static"})

_USER = "user"
_UNTIL = "until"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def admit(user_id: int) -> None:
    """Begin the session of somebody who has just shown who they are."""
    parts = wired()
    session.clear()
    session.permanent = True
    session[_USER] = user_id
    session[_UNTIL] = parts.clock().timestamp() + parts.settings.dashboard.sign_in_hours * 3600


def dismiss() -> None:
    session.clear()


def refuse_strangers() -> ResponseReturnValue | None:
    g.user_name = _signed_in_name()
    if g.user_name is None and request.endpoint not in OPEN:
        return redirect(url_for("sign_in.form"), 303)
    return None


def refuse_foreign_forms() -> None:
    """Stop cross-site request forgery: only our own pages may change anything here.

    Browsers tell where a form comes from in `Sec-Fetch-Site` (Fetch Metadata; not over
    plain HTTP) and in `Origin` (always with POST). Who sends neither is no browser.
    """
    if request.method in _READS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    ours = site == "same-origin" if site else _origin_is_ours()
    if not ours:
        abort(403)


def _origin_is_ours() -> bool:
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _signed_in_name() -> str | None:
    """Of a session that has not run out, whose user has not been deleted since."""
    parts = wired()
    user_id, until = session.get(_USER), session.get(_UNTIL, 0)
    if user_id is None or parts.clock().timestamp() >= until:
        return None
    return accounts.name_of(parts.database, user_id)

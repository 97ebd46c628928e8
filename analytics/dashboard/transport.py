"""What a site does that is asked by HTTPS: its cookie and its name are for HTTPS alone then.

By HTTP, on this machine, it does neither: browsers would not keep such a cookie.
"""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

from analytics.dashboard.site import frame

# Half a year. Not for names below ours, which are others'.
_HOLD = "max-age=15768000"


class BoundCookie(SecureCookieSessionInterface):
    """By HTTPS the browser itself sees to it that no other host and no HTTP set this cookie."""

    def get_cookie_name(self, app: Flask) -> str:
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if request.is_secure else name

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - the base class passes it
        return request.is_secure


def hold_to_https(response: Response) -> Response:
    """Browsers ask for nothing of this name by HTTP any more, on whatever port."""
    if request.is_secure and request.host.partition(":")[0] not in frame().shared_names:
        response.headers["Strict-Transport-Security"] = _HOLD
    return response

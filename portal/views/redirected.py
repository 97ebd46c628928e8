"""Where another gateway sends its guests: the way in of stores that keep their own (docs/gear.md).

The address of such a redirect names the phone, and anybody can type one. So nothing in it is
believed but what the gateway confirms; and it is left at once for our own first page, which
knows the phone without it. Where the shopper wanted to go before is forgotten: a portal that
leads to whatever its address says can be made to lead anywhere, and phones look by themselves
whether they are online.
"""

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from core.log import Log
from core.mac import Mac
from core.setting_groups.portal import NeighboursKind
from gate.client import GateRefusedError, Redirected
from portal import page, ticket
from portal.neighbours import read_address
from portal.visitor import UnknownNeighbourError, asked_language, browser_language, wired

bp = Blueprint("redirected", __name__)
_log = Log("portal")

# A gateway takes some seconds to know a phone that has just joined.
_LOOK_AGAIN_S = 3


@bp.get("/guest/s/<site>/")
@bp.get("/gateway")
def arrive_by_redirect(site: str = "") -> ResponseReturnValue:  # noqa: ARG001 - the gate reads the path
    """UniFi has the first path, other gateways may be given the second. GateError: not now."""
    parts = wired()
    portal = parts.settings.portal
    if portal.neighbours is not NeighboursKind.REDIRECT:
        abort(404)
    address = "" if portal.behind_nat else _address()
    if not request.query_string.isascii():
        # No gateway writes such a one, and written for the gate it would grow sixfold.
        return Response(status=400)
    query = request.query_string.decode("ascii")
    try:
        mac = parts.gate.vouch(Redirected(request.path, query, address))
    except GateRefusedError as error:
        _log.error("no redirect can be confirmed", reason=str(error))
        abort(400)
    if mac is None:
        return arriving_page()
    answer = redirect("/", 302)
    if portal.behind_nat:
        answer.set_cookie(
            ticket.COOKIE,
            ticket.write(parts.sealer, Mac.parse(mac), parts.clock()),
            max_age=ticket.LASTS,
            secure=portal.url.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
    return answer


def _address() -> str:
    ip = read_address(request.remote_addr or "")
    if ip is None:
        # To the gate, no address at all means NAT.
        raise UnknownNeighbourError
    return str(ip)


def arriving_page() -> Response:
    """Of a phone that the gateway does not know yet: it asks again by itself."""
    language = asked_language(request.args) or browser_language()
    return page.render("arriving.html", language, 403, look_again_s=_LOOK_AGAIN_S)

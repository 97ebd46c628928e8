"""The Captive Portal API (RFC 8908): a phone asks whether it is captive, and is told."""

import json

from flask import Blueprint, Response

from portal.standing import Stage
from portal.visitor import UnknownNeighbourError, arrive, wired

bp = Blueprint("captive_api", __name__)


@bp.get("/captive-portal/api")
def state() -> Response:
    # A phone discards "captive" without an address to go to.
    answer: dict[str, object] = {"captive": True, "user-portal-url": wired().settings.portal.url}
    try:
        visitor = arrive()
    except UnknownNeighbourError:
        return _answer(answer)
    grant = visitor.standing.grant
    if visitor.standing.stage is Stage.ONLINE and grant:
        left = (grant.expires_at - visitor.now).total_seconds()
        answer |= {"captive": False, "seconds-remaining": int(left)}
    return _answer(answer)


def _answer(answer: dict[str, object]) -> Response:
    # Headers in common (`Cache-Control: no-store`) are set by the application.
    return Response(json.dumps(answer), content_type="application/captive+json")

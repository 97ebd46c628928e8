"""Counts who is shown the first page."""

from flask import request
from sqlalchemy.exc import OperationalError

from core.log import Log
from portal.visitor import Visitor, wired

_log = Log("portal")


def count(visitor: Visitor) -> None:
    """Count a phone that is not online, once a day.

    Only if a page was asked for: apps whose requests are redirected here take anything.
    """
    if visitor.standing.grant is not None or "text/html" not in request.headers.get("Accept", ""):
        return
    phones, database = wired().phone_count, wired().database
    with database.reading() as session:
        if phones.has_seen(session, visitor.mac, visitor.now):
            return
    try:
        with database.writing(durable=False) as session:
            phones.saw(session, visitor.mac, visitor.now)
    except OperationalError:
        # A busy database is no reason to keep anybody from the Wi-Fi.
        _log.warning("a first page was not counted")

"""What a phone concludes from the answer to its probe."""

import enum

PORTAL_URL = "http://wifi.example"


class Verdict(enum.Enum):
    OPEN = enum.auto()
    """The internet is there."""
    PORTAL = enum.auto()
    """Something stands in the way, and there is a page to show."""
    BROKEN = enum.auto()
    """No internet, and nothing to be done about it."""


def judge(probe, status, body, location=None):
    """As the strictest maker would.

    Android: 204 is open, other answers from 200 to 399 are a portal, but a 200 of four
    bytes or fewer is a failure. The others compare with the page they know; Apple's
    also take any page with the word in it.
    """
    wanted = probe.answer
    at_portal = (location or "").startswith(PORTAL_URL)
    if status == wanted.status and not at_portal and _fits(wanted.body, body):
        return Verdict.OPEN
    if probe.maker == "Apple" and status == 200 and "Success" in body:
        return Verdict.OPEN
    if status == 200 and len(body.encode()) <= 4:
        return Verdict.BROKEN
    return Verdict.PORTAL if 200 <= status < 400 else Verdict.BROKEN


def _fits(wanted, body):
    # Where we do not know what a phone looks for, only a page of another kind is safe.
    return body.startswith(wanted) if wanted else "<html" not in body

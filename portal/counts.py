"""What the portal counts begins at 0: of a counter that is not there, the first event is no change.

An alert that looks for changes would miss it.
"""

from core.metrics import counted
from core.models.login import LoginWay
from core.models.temporary_pass import PassKind
from portal.ways.limits import Reason
from portal.ways.login import Verdict


def begin() -> None:
    for way in LoginWay:
        for outcome in ("online", "gate_failed"):
            counted.LOGINS.begin(way, outcome)
    for way in (LoginWay.SMS, LoginWay.EMAIL):
        for outcome in ("code_sent", "code_not_sent", *(f"{verdict}_code" for verdict in Verdict)):
            counted.LOGINS.begin(way, outcome)
    for reason in Reason:
        counted.REFUSALS.begin(reason)
    for kind in PassKind:
        counted.PASSES.begin(kind)

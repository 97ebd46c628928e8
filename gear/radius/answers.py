"""What FreeRADIUS is told to answer a gateway."""

from collections.abc import Mapping

from gate.shape import Counters
from gear.radius.dialects import Unknown
from gear.radius.nas import Nas
from gear.radius.records import Admission
from gear.radius.words import PORTAL_CLASS

# At the end of its time a session is not to end: the gateway is to ask again.
_ASK_AGAIN = "RADIUS-Request"

# So that a gateway soon tells the address of a phone that it asked about before DHCP. No
# gateway has to do it more often (RFC 2869).
_REPORT_STRANGERS_EVERY_S = 60

Answer = dict[str, tuple[str, ...]]


def for_guest(
    nas: Nas,
    admission: Admission,
    counted: Counters,
    now: float,
    *,
    report_every_s: int,
    idle_s: int,
) -> Answer:
    """A phone that may pass: for how long, how fast, how much."""
    used = counted.bytes_up + counted.bytes_down - admission.counted
    return {
        **online(nas, admission, used, now),
        "Termination-Action": (_ASK_AGAIN,),
        "Acct-Interim-Interval": (str(report_every_s),),
        "Class": (admission.label,),
        **({"Idle-Timeout": (str(idle_s),)} if idle_s else {}),
    }


def online(nas: Nas, admission: Admission, used: int, now: float) -> Answer:
    """What may be changed in a session that goes on."""
    return {
        "Session-Timeout": (str(max(1, int(admission.ends_at - now))),),
        **nas.dialect.online,
        **nas.dialect.limit_attributes(admission.limits, max(1, admission.limits.bytes - used)),
    }


def for_stranger(nas: Nas, url: str) -> Answer | None:
    """A phone that is to see the portal; None: refuse it, and the gateway shows it."""
    if nas.dialect.unknown is Unknown.REJECT:
        return None
    return {
        **nas.dialect.portal_attributes(nas.role, url),
        "Acct-Interim-Interval": (str(_REPORT_STRANGERS_EVERY_S),),
        "Class": (PORTAL_CLASS,),
    }


def address_lasts_s(nas: Nas, report_every_s: int, *, is_open: bool) -> float:
    """So long after a gateway last spoke of a phone, it is still taken to have its address.

    Two reports long, so that one may be lost. Whoever is refused has no session to report of.
    """
    is_reported_often = not is_open and nas.dialect.unknown is not Unknown.REJECT
    return 2.0 * (_REPORT_STRANGERS_EVERY_S if is_reported_often else report_every_s)


def as_json(answer: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """In the form that FreeRADIUS reads, which may find nothing in it to expand."""
    said: dict[str, object] = {"control:Auth-Type": {"op": ":=", "value": ["Accept"]}}
    for name, values in answer.items():
        said[f"reply:{name}"] = {"op": "+=", "value": list(values), "do_xlat": False}
    return said

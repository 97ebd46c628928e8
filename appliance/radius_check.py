"""What `doorman doctor` says of FreeRADIUS and the gateways behind it (docs/gear-radius.md)."""

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException

from appliance.finding import Finding, Grade
from core.settings import Settings
from gear.radius import freeradius
from gear.radius.dialects import all_dialects

_TIMEOUT_S = 2.0
_LONG_SILENT_S = 3600.0


def examine(found: Settings) -> Iterator[Finding]:
    yield server(found)
    heard = _heard(found.radius.service_port)
    if heard is None:
        text = f"the gate does not answer FreeRADIUS on port {found.radius.service_port}"
        yield Finding(Grade.WRONG, f"{text}: nobody new is let in", "start it: doorman gate")
        return
    for nas in found.radius.nas:
        yield gateway(nas.name, heard)
    for nas in found.radius.nas:
        dialect = all_dialects().get(nas.dialect)
        if dialect is not None and not dialect.tried:
            text = (
                f"gateway {nas.name}: nobody has tried the dialect {nas.dialect} on a real one yet"
            )
            yield Finding(Grade.NOTE, text, "go once through the list in docs/gear-radius.md")


def server(found: Settings) -> Finding:
    """Whether FreeRADIUS lives, with our configuration."""
    if freeradius.is_alive(found.radius.status_port):
        return Finding(Grade.GOOD, "FreeRADIUS answers")
    mend = "its log says why: journalctl -u doorman-radius (docs/gear-radius.md)"
    return Finding(Grade.WRONG, "FreeRADIUS does not answer: nobody new is let in", mend)


def gateway(name: str, heard: Mapping[str, float]) -> Finding:
    """Whether it has spoken to us lately."""
    mend = "its RADIUS server, port and secret must be those of docs/gear-radius.md"
    if name not in heard:
        text = f"gateway {name} has not been heard since this machine started"
        return Finding(Grade.WRONG, text, mend)
    if heard[name] > _LONG_SILENT_S:
        text = f"gateway {name} was last heard {int(heard[name] // 60)} minutes ago"
        return Finding(Grade.NOTE, text, f"if shoppers are here: {mend}")
    return Finding(Grade.GOOD, f"gateway {name} was heard {int(heard[name])} s ago")


def _heard(port: int) -> dict[str, float] | None:
    """How long ago, by gateway; None if the gate does not say."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/state")
        told = json.loads(connection.getresponse().read())["heard_s_ago"]
        return {str(name): float(age) for name, age in told.items()}
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return None
    finally:
        connection.close()

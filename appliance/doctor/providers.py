"""What `doorman doctor` says of who is outside: SMS carriers and the CRM, as far as the door.

Nothing is sent and nobody signs in: a connection is made, and its certificate checked. What
the CRM took and what it refused is told by its own check, headquarters by its own.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from appliance.finding import Finding, Grade
from core.settings import Settings

_WITHIN_S = 2.0

Knock = Callable[[str], str]


def knock(url: str) -> str:
    """What is wrong with the way to `url`; "" if somebody answers there."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    place = (parts.hostname or "", parts.port or (443 if secure else 80))
    try:
        with socket.create_connection(place, _WITHIN_S) as connection:
            if secure:
                context = ssl.create_default_context()
                context.wrap_socket(connection, server_hostname=place[0]).close()
    except ssl.SSLCertVerificationError:
        return "its certificate is not trusted"
    except socket.gaierror:
        return "its name is not found"
    except OSError as error:
        return error.strerror or "no answer"
    return ""


def examine(found: Settings, knock: Knock = knock) -> Iterator[Finding]:
    for carrier in found.sms.carriers:
        url = getattr(getattr(found.sms, carrier), "url", "")
        if url:
            yield _reached(f"SMS carrier {carrier}", f"sms.{carrier}.url", knock(url))
    if found.crm.is_on:
        kind = getattr(found.crm, found.crm.kind, None)
        url = getattr(kind, "url", "") or found.crm.url
        if url:
            yield _reached("CRM", "crm", knock(url))


def _reached(who: str, setting: str, problem: str) -> Finding:
    if problem:
        mend = f"check {setting}, this box's way to the internet, and theirs"
        return Finding(Grade.WRONG, f"the {who} is not reached: {problem}", mend)
    return Finding(Grade.GOOD, f"the {who} is reached")

"""What tells phones apart whose addresses NAT hides: a sealed cookie, given at the redirect.

    base64url(sealed(seconds since 1970, big-endian u64 | hardware address))

Whoever holds it passes for that phone at the portal, so it does not last long, and no script
reads it. It is nothing that a page needs where the phone's own address is seen.
"""

import base64
import binascii
import datetime as dt

from core.mac import Mac
from core.sealing import SealBrokenError, Sealer

COOKIE = "phone"
# As long as a session usually is: its page, too, has to know whose it is.
LASTS = dt.timedelta(hours=4)

_PLACE = "portal.ticket"
_TIME_BYTES = 8


def write(sealer: Sealer, mac: Mac, now: dt.datetime) -> str:
    moment = int(now.timestamp()).to_bytes(_TIME_BYTES, "big")
    return base64.urlsafe_b64encode(sealer.seal(_PLACE, moment + mac.octets)).decode()


def read(sealer: Sealer, ticket: str, now: dt.datetime) -> Mac | None:
    """Whose ticket this is; None if it is none of ours, or too old."""
    try:
        opened = sealer.open(_PLACE, base64.urlsafe_b64decode(ticket))
    except (binascii.Error, ValueError, SealBrokenError):
        return None
    given_at = dt.datetime.fromtimestamp(int.from_bytes(opened[:_TIME_BYTES], "big"), dt.UTC)
    return Mac(opened[_TIME_BYTES:]) if now - LASTS < given_at <= now else None

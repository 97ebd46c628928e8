"""The file that a sensor's box is given: its name, its key, and which box to believe.

PEM, with two lines before it (RFC 7468, 5.2) for programs that cannot read a certificate: the
standard library can not, and a small machine has nothing else.

    doorman-sensor: corner
    until: 2029-11-21T08:00:00+00:00
"""

import datetime as dt
import re
import ssl
import stat
from pathlib import Path
from typing import NamedTuple

_HEAD = "doorman-sensor: {}\nuntil: {}\n"
_FORM = re.compile(
    rb"\Adoorman-sensor: ([a-z0-9-]{1,63})\nuntil: (\S{10,40})\n"
    rb".*(-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?)\s*\Z",
    re.DOTALL,
)


class BundleError(Exception):
    """The file cannot be used. The message names what to mend."""


class Bundle(NamedTuple):
    name: str
    """Under which the sensor is known to the box, if it is: its certificate decides."""
    ends_at: dt.datetime
    context: ssl.SSLContext
    """Believes in one box alone: that of the store which made the bundle."""


def write(name: str, ends_at: dt.datetime, own: bytes, authority: bytes) -> bytes:
    """The file's content, of the sensor's key and certificate and the authority's, all PEM."""
    return _HEAD.format(name, ends_at.isoformat()).encode("ascii") + own + authority


def read(path: Path) -> Bundle:
    """What `Authority.add` gave, or BundleError."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise BundleError(f"{path} is open to others (mode {mode:04o}): chmod 600 {path}")
        ((name, until, authority),) = _FORM.findall(path.read_bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(path)
        context.load_verify_locations(cadata=authority.decode("ascii"))
        ends_at = dt.datetime.fromisoformat(until.decode("ascii"))
    except FileNotFoundError as error:
        raise BundleError(f"{path} is not there: carry the sensor's bundle here") from error
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{path} is no bundle: make one on the store's box with doorman sensors add"
        ) from error
    return Bundle(name.decode("ascii"), ends_at, context)

"""The file that a sensor's box is given: its name, its key, and which box to believe."""

import datetime as dt
import re
import ssl
import stat
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)


class BundleError(Exception):
    """The file cannot be used. The message names what to mend."""


class Bundle(NamedTuple):
    name: str
    """Under which the sensor is known to the box."""
    ends_at: dt.datetime
    context: ssl.SSLContext
    """Believes in one box alone: that of the store which made the bundle."""


def read(path: Path) -> Bundle:
    """What `Authority.add` gave, or BundleError."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise BundleError(f"{path} is open to others (mode {mode:04o}): chmod 600 {path}")
        own, authority = _CERTIFICATE.findall(path.read_bytes())
        certificate = x509.load_pem_x509_certificate(own)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(path)
        context.load_verify_locations(cadata=authority.decode("ascii"))
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except FileNotFoundError as error:
        raise BundleError(f"{path} is not there: carry the sensor's bundle here") from error
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{path} is no bundle: make one on the store's box with doorman sensors add"
        ) from error
    return Bundle(str(name.value), certificate.not_valid_after_utc, context)

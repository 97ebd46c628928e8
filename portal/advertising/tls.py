"""How phones judge the portal's certificate: as this machine's own trust store does, and stricter.

OpenSSL fetches no missing part of a chain, so what passes here was sent in full.
"""

import datetime as dt
import ssl
from typing import Any

from portal.advertising.fault import Fault, UnfitError

# OpenSSL's numbers (x509_vfy.h) for what can be mended by whoever hands in a certificate.
_FAULTS = {
    9: Fault.NOT_YET_VALID,
    10: Fault.EXPIRED,
    18: Fault.SELF_SIGNED,
    19: Fault.UNTRUSTED,
    20: Fault.CHAIN_INCOMPLETE,
    21: Fault.CHAIN_INCOMPLETE,
    62: Fault.WRONG_NAME,
}


def context() -> ssl.SSLContext:
    """Made anew for each look, so that a change of the trust store is noticed."""
    return ssl.create_default_context()


def fault_of(error: ssl.SSLError) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _FAULTS.get(error.verify_code, Fault.UNTRUSTED)
    return Fault.TLS_FAILED


def check(certificate: dict[str, Any], now: dt.datetime, margin: dt.timedelta) -> None:
    """Of a certificate that was verified, as `getpeercert` gives it. UnfitError, or all is well.

    A self-signed one can be verified, where somebody has put it into this machine's trust
    store. It is in no phone's.
    """
    if certificate["issuer"] == certificate["subject"]:
        raise UnfitError(Fault.SELF_SIGNED)
    if ends_at(certificate) - now < margin:
        raise UnfitError(Fault.ENDS_SOON)


def ends_at(certificate: dict[str, Any]) -> dt.datetime:
    seconds = ssl.cert_time_to_seconds(certificate["notAfter"])
    return dt.datetime.fromtimestamp(seconds, dt.UTC)

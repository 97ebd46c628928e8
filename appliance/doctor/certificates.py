"""What `doorman doctor` says of the portal's certificate: how long it lasts, and who renews it.

Whether phones trust it is found out by asking as they do (`box`).
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from core.settings import Settings

_TIMER = "doorman-certificate.timer"
_SOON, _LATE = dt.timedelta(days=20), dt.timedelta(days=7)


def examine(found: Settings, machine: Machine, now: dt.datetime) -> Iterator[Finding]:
    if not found.certificate.chain:
        return
    try:
        chain = x509.load_pem_x509_certificates(Path(found.certificate.chain).read_bytes())
    except (OSError, ValueError):
        mend = "check certificate.chain and who may read it; docs/certificate.md"
        yield Finding(Grade.WRONG, "the portal's certificate cannot be read", mend)
        return
    yield _lasting(chain[0].not_valid_after_utc - now)
    if len(chain) == 1:
        mend = "add its issuers to certificate.chain: docs/certificate.md"
        yield Finding(Grade.WRONG, "the portal's certificate stands alone in its file", mend)
    yield from _renewal(machine)


def _lasting(left: dt.timedelta) -> Finding:
    renew = "journalctl -u doorman-certificate; docs/certificate.md"
    if left <= dt.timedelta():
        return Finding(Grade.WRONG, "the portal's certificate has ended", renew)
    text = f"the portal's certificate lasts {left.days} more days"
    if left < _LATE:
        return Finding(Grade.WRONG, text, renew)
    return Finding(Grade.NOTE, text, renew) if left < _SOON else Finding(Grade.GOOD, text)


def _renewal(machine: Machine) -> Iterator[Finding]:
    if not machine.has_systemd:
        return
    if (machine.run("systemctl", "is-active", _TIMER) or "").strip() == "active":
        yield Finding(Grade.GOOD, "the certificate is renewed by a timer")
    else:
        mend = f"systemctl enable --now {_TIMER}, or see that something else renews it"
        yield Finding(Grade.NOTE, f"no {_TIMER} renews the certificate", mend)

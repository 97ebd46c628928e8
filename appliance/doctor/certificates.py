"""What `doorman doctor` says of the certificates of portal and dashboard: how long they last, and
who renews the portal's.

Whether phones trust it is found out by asking as they do (`box`).
"""

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from core.settings import Settings

_TIMER = "doorman-certificate.timer"
_SOON, _LATE = dt.timedelta(days=20), dt.timedelta(days=7)


def examine(found: Settings, machine: Machine, now: dt.datetime) -> Iterator[Finding]:
    if found.certificate.chain:
        yield from _of_portal(Path(found.certificate.chain), machine, now)
    yield _of_dashboard(found, now)


def _of_portal(file: Path, machine: Machine, now: dt.datetime) -> Iterator[Finding]:
    try:
        chain = _read(file)
    except (OSError, ValueError):
        mend = "check certificate.chain and who may read it; docs/certificate.md"
        yield Finding(Grade.WRONG, "the portal's certificate cannot be read", mend)
        return
    renew = "journalctl -u doorman-certificate; docs/certificate.md"
    yield _lasting("the portal's certificate", chain[0].not_valid_after_utc - now, renew)
    if len(chain) == 1:
        mend = "add its issuers to certificate.chain: docs/certificate.md"
        yield Finding(Grade.WRONG, "the portal's certificate stands alone in its file", mend)
    yield from _renewal(machine)


def _of_dashboard(found: Settings, now: dt.datetime) -> Finding:
    if found.dashboard.chain:
        try:
            ends_at = _read(Path(found.dashboard.chain))[0].not_valid_after_utc
        except (OSError, ValueError):
            mend = "check dashboard.chain and who may read it; docs/dashboard.md"
            return Finding(Grade.WRONG, "the dashboard's certificate cannot be read", mend)
        return _lasting("the dashboard's certificate", ends_at - now, "docs/dashboard.md")
    if _is_this_machines(found.dashboard.host):
        return Finding(Grade.GOOD, "the dashboard is reached from this machine alone")
    mend = "set dashboard.chain and dashboard.key: docs/dashboard.md"
    return Finding(Grade.NOTE, "staff sign in to the dashboard in the clear", mend)


def _is_this_machines(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(file: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(file.read_bytes())


def _lasting(whose: str, left: dt.timedelta, renew: str) -> Finding:
    if left <= dt.timedelta():
        return Finding(Grade.WRONG, f"{whose} has ended", renew)
    text = f"{whose} lasts {left.days} more days"
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

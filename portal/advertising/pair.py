"""A certificate chain with its key: checked as phones will, then put in place.

A bad one leaves what was there. The check is a whole TLS handshake in memory, between the
new files and this machine's trust store: the key fits, the name fits, the chain is complete.
"""

import datetime as dt
import secrets
import ssl
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from core import whole_file
from portal.advertising import tls
from portal.advertising.fault import UnfitError, mending

_MODE = 0o600


class PairError(Exception):
    """Not put in place; the message says why."""


class Pair(NamedTuple):
    """Two PEM files, or one for both."""

    chain: Path
    key: Path


def check(pair: Pair, name: str, now: dt.datetime) -> dict[str, Any]:
    """The certificate, as `getpeercert` gives it, if phones would take it for `name`."""
    try:
        certificate = _handshake(pair, name)
        tls.check(certificate, now, dt.timedelta())
    except UnfitError as error:
        raise PairError(f"{error.fault}: {mending(error.fault)}") from error
    return certificate


def install(new: Pair, place: Pair, name: str, now: dt.datetime) -> dict[str, Any]:
    """Put a pair in place, if it is good.

    Where chain and key are one file, old and new never mix. Two files change one after
    the other: a power cut in between leaves a pair that does not fit.
    """
    contents = {place.chain: _read(new.chain)}
    contents[place.key] = contents.get(place.key, b"") + _read(new.key)
    ready: dict[Path, Path] = {}
    try:
        for file, content in contents.items():
            ready[file] = _beside(file, content)
        certificate = check(Pair(ready[place.chain], ready[place.key]), name, now)
        for file, whole in ready.items():
            whole_file.move(whole, file)
    except OSError as error:
        raise PairError(f"{error.filename}: {error.strerror}") from error
    finally:
        for whole in ready.values():
            whole.unlink(missing_ok=True)
    return certificate


def _read(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PairError(f"{file}: {error.strerror}") from error
    return content.rstrip() + b"\n"


def _beside(place: Path, content: bytes) -> Path:
    """A file in the same folder, whole on the disk, readable by whom the old one was."""
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    if place.exists():
        # Whoever could read it, but not all the world.
        mode = place.stat().st_mode & 0o770
        whole_file.write_draft(new, content, mode=mode, owner_of=place)
    else:
        whole_file.write_draft(new, content, mode=_MODE)
    return new


def _handshake(pair: Pair, name: str) -> dict[str, Any]:
    portal_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        portal_side.load_cert_chain(pair.chain, pair.key, password=_refuse)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise PairError("the key is not this certificate's") from None
        raise PairError("not a certificate and its key, both PEM") from None
    except OSError as error:
        raise PairError(f"{error.filename or pair.chain}: {error.strerror}") from error
    to_phone, to_portal = ssl.MemoryBIO(), ssl.MemoryBIO()
    portal = portal_side.wrap_bio(to_portal, to_phone, server_side=True)
    phone = tls.context().wrap_bio(to_phone, to_portal, server_hostname=name)
    try:
        while not (_step(phone) & _step(portal)):
            pass
    except ssl.SSLError as error:
        raise UnfitError(tls.fault_of(error)) from error
    return phone.getpeercert() or {}


def _step(side: ssl.SSLObject) -> bool:
    """Whether it has done its part of the handshake."""
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _refuse() -> NoReturn:
    # OpenSSL would ask at the terminal.
    raise PairError("the key is locked by a password: the portal starts without a person")

"""The folder of the store's certificates: the box's, and one for each sensor that may send.

    authority.pem      key and certificate of the store's authority; both sides trust it alone
    box.pem            key and certificate of the box, made anew in time
    known/<name>.pem   certificate of a sensor that may send; its key left in a bundle

A sensor is whoever holds the very certificate that lies under its name. One that is no
longer there, or was replaced, is refused although the authority signed it.
"""

import contextlib
import datetime as dt
import fcntl
import os
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cryptography import x509

from core import whole_file
from sniffer.remote import bundle, certificates
from sniffer.remote.certificates import Pair

RENEW_BEFORE = dt.timedelta(days=90)
"""How long before its end a certificate is called old."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class AuthorityError(Exception):
    """It cannot be done, or what lies in the folder is not usable. Says what to mend."""


class KnownSensor(NamedTuple):
    name: str
    certificate_ends_at: dt.datetime


class Authority:
    """Everything in the folder is made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, now: dt.datetime) -> bytes:
        """Let a sensor send under this name; whoever had the name before no longer can.

        Returns:
            The bundle for the sensor's box: its key, its certificate, the authority's.
            The key is kept nowhere else.
        """
        _check_name(name)
        with self._changing():
            authority = self._authority(now)
            made = certificates.make_sensor(authority, name, now)
            self._write(self._known_file(name), certificates.pem(made.certificate))
        ends_at = made.certificate.not_valid_after_utc
        return bundle.write(name, ends_at, made.pem(), certificates.pem(authority.certificate))

    def remove(self, name: str) -> None:
        """Refuse this sensor from its next word on."""
        _check_name(name)
        with self._changing():
            try:
                self._known_file(name).unlink()
            except FileNotFoundError as error:
                raise AuthorityError(f"there is no sensor {name}: doorman sensors list") from error

    def known(self) -> list[KnownSensor]:
        """Who may send, by name."""
        files = sorted((self._folder / "known").glob("[!.]*.pem"))
        return [found for file in files if (found := _read_known(file))]

    def is_known(self, name: str, certificate: bytes) -> bool:
        """Whether this certificate (DER) is the one that lies under the name now."""
        if not _NAME.fullmatch(name):
            return False
        try:
            kept = ssl.PEM_cert_to_DER_cert(self._known_file(name).read_text("ascii"))
        except (OSError, ValueError):
            return False
        return kept == certificate

    def box_file(self, now: dt.datetime) -> Path:
        """PEM file with the box's key and certificate, good for some months at least."""
        path = self._folder / "box.pem"
        with self._changing():
            authority = self._authority(now)
            if not _is_good(path, authority, now):
                self._write(path, certificates.make_box(authority, now).pem())
        return path

    def certificate_pem(self, now: dt.datetime) -> str:
        """The authority's own certificate."""
        with self._changing():
            return certificates.pem(self._authority(now).certificate).decode("ascii")

    def _authority(self, now: dt.datetime) -> Pair:
        path = self._folder / "authority.pem"
        try:
            return certificates.read(path.read_bytes())
        except FileNotFoundError:
            made = certificates.make_authority(now)
            self._write(path, made.pem())
            return made
        except ValueError as error:
            raise AuthorityError(
                f"{path} is damaged: restore it, or remove {self._folder} and add each sensor anew"
            ) from error

    def _known_file(self, name: str) -> Path:
        return self._folder / "known" / f"{name}.pem"

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Lets one process at a time in. The lock ends with its process."""
        handle = -1
        try:
            for folder in (self._folder, self._folder / "known"):
                if not folder.is_dir():
                    folder.mkdir(mode=0o700, parents=True)
                    _give_to_owner_of(folder.parent, folder)
            handle = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise AuthorityError(f"{self._folder} cannot be used: {error.strerror}") from error
        finally:
            if handle >= 0:
                os.close(handle)

    def _write(self, path: Path, content: bytes) -> None:
        """The whole file or none of it, for its owner alone."""
        whole_file.replace(path, content, mode=0o600, owner_of=self._folder)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise AuthorityError("a sensor's name is of small letters, digits and hyphens")


def _give_to_owner_of(folder: Path, made: Path) -> None:
    """Whoever calls the command as root must not lock the sensor's user out."""
    owner = folder.stat()
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(made, owner.st_uid, owner.st_gid)


def _read_known(path: Path) -> KnownSensor | None:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
    return KnownSensor(path.stem, found.not_valid_after_utc)


def _is_good(path: Path, authority: Pair, now: dt.datetime) -> bool:
    try:
        found = certificates.read(path.read_bytes()).certificate
    except (OSError, ValueError):
        return False
    return authority.signed(found) and now < found.not_valid_after_utc - RENEW_BEFORE

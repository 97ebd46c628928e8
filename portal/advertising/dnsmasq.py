"""DHCPv4 option 114 and DHCPv6 option 103, through the store's dnsmasq.

dnsmasq reads the options from a file of their own (`dhcp-optsfile`), and again when it gets
SIGHUP, which costs nobody a lease. Only then does it forget what is no longer there:
`dhcp-optsdir`, which it watches by itself, only ever adds.

Phones that know the API ask for the option, so it is sent to those who ask. In this file
dnsmasq knows no `dhcp-option-force`, which would send it to all.
"""

import contextlib
from pathlib import Path

from core.log import Log
from portal.advertising.hang_up import HangUpError, hang_up

_log = Log("advertise")

_HEAD = "# Written by `doorman advertise`; changes are lost.\n"
# Not urn:ietf:params:capport:unrestricted, which says that there is no portal: a phone that
# believes it would take the redirect for a broken network. Told nothing, it probes.
_NOTHING = _HEAD + "# The API does not pass its test at present: phones are told nothing.\n"


class OptionsFileError(Exception):
    """It cannot be written; the message names what to mend."""


class DhcpOptions:
    """What DHCP tells phones."""

    def __init__(self, file: Path, pid_file: Path) -> None:
        self._file = file
        self._pid_file = pid_file
        # Before the first time, dnsmasq may still know an older file.
        self._told: str | None = None
        self._complained = False

    def advertise(self, uri: str | None) -> None:
        """Tell phones from now on; None withdraws. Called again, it mends what went wrong."""
        text = options(uri)
        if text == self._told and _read(self._file) == text:
            return
        try:
            _write(self._file, text)
            hang_up(self._pid_file, "dnsmasq")
        except (OptionsFileError, HangUpError) as error:
            if not self._complained:
                _log.warning("dnsmasq not told", why=str(error))
            self._complained = True
            return
        self._told, self._complained = text, False


def configuration(options_file: str) -> str:
    """Lines for dnsmasq.conf."""
    return (
        "# Where phones find the portal's API; `doorman advertise` writes it.\n"
        f"dhcp-optsfile={options_file}\n"
    )


def options(uri: str | None) -> str:
    return f"{_HEAD}114,{uri}\noption6:103,{uri}\n" if uri else _NOTHING


def _read(file: Path) -> str | None:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return file.read_text("utf-8")
    return None


def _write(file: Path, text: str) -> None:
    """Whole or not at all: dnsmasq may read at any moment, and does so as a user of its own."""
    new = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8")
        new.chmod(0o644)
        new.replace(file)
    except OSError as error:
        raise OptionsFileError(
            f"{file} (advertise.options_file) cannot be written: {error.strerror}"
        ) from None

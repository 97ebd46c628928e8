#!/usr/bin/python3 -B
"""Puts /etc/doorman/network in force, and what was before back if nobody confirms it.

    network.py state      says "same" or "differs"; status 1 if systemd-networkd would complain,
                          or ifupdown would set one of these interfaces up as well
    network.py apply S    in force for S seconds, or until the box starts anew, unless confirmed
    network.py confirm    in force for good
    network.py undo       what was in force before is so again
    network.py remove     what was there before Doorman is so again

Standard library only: it runs on a bare box, with the system's Python. What is written is on the
disk (fsync) before the next step begins, so that a power cut leaves the one state or the other.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from network_check import (
    LIVE,
    OURS,
    complaints,
    interfaces_of,
    names_in,
    names_of,
    rivals,
    texts_of,
    without,
)

WANTED = Path("/etc/doorman/network")
FORMER = Path("/var/lib/doorman-network/former")
ORIGINAL = Path("/var/lib/doorman-network/original")
UNCONFIRMED = Path("/var/lib/doorman-network/unconfirmed")
APPLIED = Path("/var/lib/doorman-network/applied")
IFUPDOWN = Path("/etc/network/interfaces")
IFUPDOWN_OTHERS = Path("/etc/network/interfaces.d")
NETWORK_MANAGER = Path("/etc/NetworkManager/conf.d/doorman.conf")
_APPLY = "doorman-network-apply.service"
_UNDO = "doorman-network-undo"


def is_same() -> bool:
    return texts_of(WANTED) == texts_of(LIVE)


def apply(seconds: int) -> None:
    if not UNCONFIRMED.exists():
        _keep(FORMER)
        if not ORIGINAL.exists():
            _keep(ORIGINAL)
    APPLIED.unlink(missing_ok=True)
    _write(UNCONFIRMED, "")
    _run("systemctl", "stop", f"{_UNDO}.timer", check=False)
    _run(
        "systemd-run",
        f"--unit={_UNDO}",
        f"--on-active={seconds}",
        "--timer-property=AccuracySec=1s",
        __file__,
        "undo",
    )
    gone, altered = _gone(WANTED), _altered(WANTED)
    _put(WANTED)
    interfaces = interfaces_of(WANTED)
    if IFUPDOWN.exists():
        _write(IFUPDOWN, without(IFUPDOWN.read_text("utf-8"), interfaces))
    _stop_clients(interfaces)
    if not _is("active", "systemd-networkd.service"):
        # Of an address that somebody else has given, without its broadcast, systemd-networkd 252
        # makes a loop without end, and no route.
        for name in interfaces:
            _run("ip", "address", "flush", "dev", name, "scope", "global", check=False)
    _reload(gone, altered)
    if NETWORK_MANAGER.parent.is_dir():
        names = ";".join(f"interface-name:{name}" for name in sorted(interfaces))
        _write(NETWORK_MANAGER, f"[keyfile]\nunmanaged-devices={names}\n")
        _run("systemctl", "try-reload-or-restart", "NetworkManager.service", check=False)
    _write(APPLIED, "")


def confirm() -> None:
    if not is_same():
        raise SystemExit("what is in force is not what is wanted: undone, or not applied yet")
    if UNCONFIRMED.exists() and (not APPLIED.exists() or _is("active", _APPLY)):
        # The files are there, but whoever asks may still come by the old network.
        raise SystemExit("it is being applied: ask again")
    _run("systemctl", "stop", f"{_UNDO}.timer", check=False)
    UNCONFIRMED.unlink(missing_ok=True)
    APPLIED.unlink(missing_ok=True)
    os.sync()


def undo() -> None:
    if UNCONFIRMED.exists():
        APPLIED.unlink(missing_ok=True)
        _go_back(FORMER)
        UNCONFIRMED.unlink()
        os.sync()


def remove() -> None:
    if ORIGINAL.exists():
        _go_back(ORIGINAL)
    UNCONFIRMED.unlink(missing_ok=True)


def _keep(folder: Path) -> None:
    """What is in force, in a folder that is whole as soon as it is there."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for file in LIVE.glob(OURS):
        shutil.copy2(file, new)
    if IFUPDOWN.exists():
        shutil.copy2(IFUPDOWN, new / "interfaces")
    if _is("active", "systemd-networkd.service"):
        (new / "networkd").touch()
    os.sync()
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
    os.sync()


def _go_back(folder: Path) -> None:
    gone, altered = _gone(folder), _altered(folder)
    _put(folder)
    former = folder / "interfaces"
    if former.exists() and IFUPDOWN.parent.is_dir():
        _write(IFUPDOWN, former.read_text("utf-8"))
    if not texts_of(folder):
        NETWORK_MANAGER.unlink(missing_ok=True)
        _run("systemctl", "try-reload-or-restart", "NetworkManager.service", check=False)
    if (folder / "networkd").exists():
        _reload(gone, altered)
        return
    _run("systemctl", "disable", "--now", "systemd-networkd.service", check=False)
    _delete(gone)
    if former.exists():
        _run("systemctl", "--no-block", "restart", "networking.service", check=False)


def _put(folder: Path) -> None:
    LIVE.mkdir(parents=True, exist_ok=True)
    texts = texts_of(folder)
    for file in LIVE.glob(OURS):
        if file.name not in texts:
            file.unlink()
    for name, text in texts.items():
        _write(LIVE / name, text)
    os.sync()


def _reload(gone: set[str], altered: set[str]) -> None:
    _run("systemctl", "enable", "systemd-networkd.service")
    # While the box starts, systemd-networkd waits for us, and reads it by itself.
    if _is("active", "systemd-networkd.service"):
        if altered:
            # Of a device that is there, it takes no other number, nor another kind.
            _delete(altered)
            _run("systemctl", "restart", "systemd-networkd.service")
        else:
            _run("networkctl", "reload")
    else:
        _run("systemctl", "--no-block", "start", "systemd-networkd.service")
    _delete(gone)


def _delete(devices: set[str]) -> None:
    """What systemd-networkd has made it does not take away again."""
    for name in devices:
        _run("ip", "link", "delete", name, check=False)


def _stop_clients(interfaces: Iterable[str]) -> None:
    """DHCP clients of ifupdown: two on one interface would take the address from each other."""
    for name in interfaces:
        for file in (f"/run/dhclient.{name}.pid", f"/run/dhcpcd/{name}.pid"):
            try:
                os.kill(int(Path(file).read_text("ascii")), signal.SIGTERM)
            except (FileNotFoundError, ProcessLookupError, ValueError):
                continue


def _gone(folder: Path) -> set[str]:
    """What systemd-networkd has made, and is not to make any more."""
    return names_of(LIVE, ".netdev") - names_of(folder, ".netdev")


def _altered(folder: Path) -> set[str]:
    """What it has made, and is to make otherwise."""
    there, wanted = texts_of(LIVE), texts_of(folder)
    files = {name for name in there.keys() & wanted.keys() if there[name] != wanted[name]}
    return names_in(there[name] for name in files if name.endswith(".netdev"))


def _is(state: str, unit: str) -> bool:
    return _run("systemctl", "--quiet", f"is-{state}", unit, check=False) == 0


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    with new.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    new.chmod(0o644)
    new.replace(file)


def _run(*command: str, check: bool = True) -> int:
    return subprocess.run(command, check=check, stdout=subprocess.DEVNULL).returncode  # noqa: S603 - the commands above


def main(words: list[str]) -> None:
    match words:
        case ["state"]:
            if found := rivals(WANTED, IFUPDOWN_OTHERS) + complaints(WANTED):
                raise SystemExit("\n".join(found))
            sys.stdout.write("same\n" if is_same() else "differs\n")
        case ["apply", seconds]:
            apply(int(seconds))
        case ["confirm"]:
            confirm()
        case ["undo"]:
            undo()
        case ["remove"]:
            remove()
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

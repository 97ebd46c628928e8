"""What systemd-networkd and ifupdown would make of a folder of files, before it is in force.

Standard library only, and nothing here changes the network: network.py does.
"""

import os
import re
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

LIVE = Path("/etc/systemd/network")
OURS = "05-doorman-*"
_CHECK_WITHIN_S = 15
# As its unit does: where it is root, systemd-networkd 257 wants more than a container may.
_NETWORKD_USER = "systemd-network"
_NETWORKD_MAY = "+net_admin,+net_bind_service,+net_broadcast,+net_raw"
# What it says of a file in debugging alone, on which it says all.
_NO_COMPLAINT = "Successfully loaded."


def complaints(folder: Path) -> list[str]:
    """What systemd-networkd itself cannot read, in a network of its own where it does no harm."""
    inside = f"""
        mount --types tmpfs tmpfs /run && mount --bind {folder} {LIVE} &&
        install --directory --owner {_NETWORKD_USER} /run/systemd /run/systemd/netif &&
        exec setpriv --reuid {_NETWORKD_USER} --regid {_NETWORKD_USER} --clear-groups \
            --inh-caps {_NETWORKD_MAY} --ambient-caps {_NETWORKD_MAY} \
            /lib/systemd/systemd-networkd
    """
    LIVE.mkdir(parents=True, exist_ok=True)
    found = []
    with subprocess.Popen(  # noqa: S603 - the words above
        ["/usr/bin/unshare", "--mount", "--net", "/bin/sh", "-c", inside],
        stderr=subprocess.PIPE,
        text=True,
        env={
            "SYSTEMD_LOG_TARGET": "console",
            "SYSTEMD_LOG_LEVEL": "debug",
            "PATH": os.environ["PATH"],
        },
    ) as networkd:
        too_late = threading.Timer(_CHECK_WITHIN_S, networkd.kill)
        too_late.start()
        for line in networkd.stderr or ():
            if line.startswith(f"{LIVE}/") and _NO_COMPLAINT not in line:
                found.append(line.strip())
            if "Enumeration completed" in line:
                break
        else:
            found.append(f"systemd-networkd did not read {folder} within {_CHECK_WITHIN_S} s")
        too_late.cancel()
        networkd.kill()
    return found


def rivals(wanted: Path, others: Path) -> list[str]:
    """Files of ifupdown's, of `others`, that would set up an interface of `wanted` as well."""
    ours = interfaces_of(wanted)
    files = [file for file in sorted(others.glob("*")) if file.is_file()]
    texts = {file: file.read_text("utf-8") for file in files}
    return [
        f"{file} sets up an interface of {wanted}: take it out there, or remove the file"
        for file, text in texts.items()
        if without(text, ours) != without(text, ())
    ]


def without(ifupdown: str, interfaces: Iterable[str]) -> str:
    """The text of /etc/network/interfaces less the stanzas of these interfaces."""
    ours, kept, leaving_out = set(interfaces), [], False
    for line in ifupdown.splitlines():
        words = line.split()
        if words and (words[0] in {"iface", "mapping"}):
            leaving_out = words[1:2] != [] and words[1] in ours
        elif words and (words[0] == "auto" or words[0].startswith("allow-")):
            leaving_out = False
            names = [name for name in words[1:] if name not in ours]
            if len(names) < len(words) - 1:
                if names:
                    kept.append(" ".join([words[0], *names]))
                continue
        elif words and words[0] in {"source", "source-directory", "rename", "no-auto-down"}:
            leaving_out = False
        if not leaving_out:
            kept.append(line)
    return "".join(f"{line}\n" for line in kept)


def texts_of(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in folder.glob(OURS)}


def interfaces_of(folder: Path) -> set[str]:
    return names_of(folder, ".network")


def names_of(folder: Path, ending: str) -> set[str]:
    return names_in(text for name, text in texts_of(folder).items() if name.endswith(ending))


def names_in(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in re.findall(r"^Name=(\S+)$", text, re.MULTILINE)}

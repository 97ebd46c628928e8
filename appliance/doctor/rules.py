"""What `doorman doctor` says of the firewall: whether its rules are those of this version."""

import difflib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from appliance.gate import ruleset
from core.settings import Settings

_TABLE = ("inet", "doorman")
_LOAD = "systemctl reload-or-restart doorman-firewall: sets stay, so shoppers stay online"
# Prints the rules as the kernel tells them, from a namespace that ends with the command.
_AS_LOADED = 'nft --file "$1" && nft --stateless --terse list table inet doorman'


def examine(
    found: Settings, machine: Machine, uid: Callable[[], int] = os.geteuid
) -> Iterator[Finding]:
    if uid() != 0:
        yield Finding(
            Grade.NOTE, "the firewall's rules are looked at by root alone", "sudo doorman doctor"
        )
        return
    loaded = machine.run("nft", "--stateless", "--terse", "list", "table", *_TABLE)
    if loaded is None:
        mend = "systemctl start doorman-firewall; or: doorman gate --ruleset | nft -f -"
        yield Finding(Grade.WRONG, "the firewall's rules are not loaded: nobody gets online", mend)
        return
    wanted = _wanted(ruleset(found), machine)
    if wanted is None:
        yield Finding(Grade.NOTE, "the firewall's rules are loaded; they cannot be compared here")
    elif missing := _sets(wanted) - _sets(loaded):
        names = ", ".join(sorted(missing))
        yield Finding(Grade.WRONG, f"the firewall lacks the sets {names}", _LOAD)
    elif differ := _differences(loaded, wanted):
        text = f"the firewall's rules are not those of this version: {differ} lines differ"
        yield Finding(Grade.WRONG, text, _LOAD)
    else:
        yield Finding(Grade.GOOD, "the firewall's rules and sets are those of this version")


def _wanted(text: str, machine: Machine) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.nft"
        file.write_text(text)
        return machine.run("unshare", "--net", "sh", "-c", _AS_LOADED, "sh", str(file))


def _sets(listing: str) -> set[str]:
    return {line.split()[1] for line in listing.splitlines() if line.strip().startswith("set ")}


def _differences(loaded: str, wanted: str) -> int:
    lines = difflib.unified_diff(_plain(loaded), _plain(wanted), lineterm="", n=0)
    return sum(line[0] in "+-" and line[:3] not in {"+++", "---"} for line in lines)


def _plain(listing: str) -> list[str]:
    return [line.strip() for line in listing.splitlines() if line.strip()]

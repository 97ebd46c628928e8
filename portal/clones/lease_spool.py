"""What phones ask of DHCP, from dnsmasq to the jobs: a small file, emptied at each turn.

dnsmasq runs a script at each lease. Two thousand phones may come in a minute, so it is one
of the shell that starts no further program.

    record:  hardware address ␣ options, "1,3,6,15" ␣ vendor class NUL
"""

import shlex
from pathlib import Path

from core.mac import InvalidMacError, Mac
from portal.clones.clone_watch import LeaseRequest

NAME = "lease-requests"
# Of what a flood of requests, or jobs that do not run, may fill the disk with.
_MOST_BYTES = 1_048_576

_SCRIPT = """\
#!/bin/sh
# Run by dnsmasq at each lease (dhcp-script). Made by: doorman resolver --lease-script
case "$1" in add | old) ;; *) exit 0 ;; esac
# After a restart dnsmasq repeats its leases, and knows of no request behind them.
[ -n "$DNSMASQ_REQUESTED_OPTIONS" ] || exit 0
umask 077
# The file grows no further than 1 MiB (in blocks of 512 bytes).
ulimit -f {blocks}
printf '%s %s %s\\0' "$2" "$DNSMASQ_REQUESTED_OPTIONS" "$DNSMASQ_VENDOR_CLASS" >>{file}
"""


def script(data_dir: Path) -> str:
    return _SCRIPT.format(blocks=_MOST_BYTES // 512, file=shlex.quote(str(data_dir / NAME)))


def dnsmasq_lines(script_path: str, user: str) -> str:
    """What has dnsmasq run the script, as a user who may write into `data_dir`."""
    return (
        "# What phones ask of DHCP tells two devices under one address apart.\n"
        f"dhcp-script={script_path}\n"
        f"dhcp-scriptuser={user}\n"
        "script-on-renewal\n"
    )


def take(data_dir: Path) -> list[LeaseRequest]:
    """What was asked since the last time, oldest first. It is on disk no more."""
    spool = data_dir / NAME
    # A request that comes between the two is lost, and made again at the next renewal.
    taken = spool.with_suffix(".taken")
    try:
        spool.replace(taken)
    except FileNotFoundError:
        return []
    records = taken.read_bytes()[:_MOST_BYTES].split(b"\0")[:-1]
    taken.unlink()
    return [request for record in records if (request := _read(record))]


def _read(record: bytes) -> LeaseRequest | None:
    mac, _, rest = record.decode("ascii", "replace").partition(" ")
    options, _, vendor_class = rest.partition(" ")
    try:
        return LeaseRequest(Mac.parse(mac), options, vendor_class)
    except InvalidMacError:
        # No Ethernet: nothing that could pass the gate.
        return None

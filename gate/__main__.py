"""The gate's process: `python -I -m gate --socket=…`. `doorman gate` starts it by the settings.

A process of its own, so that nothing but the standard library and this folder runs with
the power to change the firewall.
"""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from gate import log, server
from gate.firewall import TABLE, FirewallGate
from gate.netlink import Netlink
from gate.recording import RecordingGate
from gate.shape import Gate, GateFailedError
from gate.systemd import ServiceManager


def main() -> int:
    wanted = _arguments()
    log.configure(wanted.log_level)
    stop_event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    manager = ServiceManager()
    try:
        with _gate(wanted.kind) as gate:
            server.serve(wanted.socket, gate, wanted.allow_uid, stop_event, on_turn=manager.serving)
            manager.stopping()
    except (GateFailedError, server.SocketTakenError, OSError) as error:
        sys.stderr.write(f"doorman gate: {error}\n")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gate", description="Lets phones through the firewall.")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to answer on")
    parser.add_argument("--kind", choices=["nftables", "recording"], default="nftables")
    parser.add_argument(
        "--allow-uid", type=int, action="append", default=[], help="who may ask, besides root"
    )
    parser.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info"
    )
    return parser.parse_args()


@contextlib.contextmanager
def _gate(kind: str) -> Iterator[Gate]:
    if kind == "recording":
        yield RecordingGate()
        return
    with Netlink(TABLE) as elements:
        gate = FirewallGate(elements)
        # Fail here, with the reason, rather than at the first shopper.
        gate.online()
        yield gate


if __name__ == "__main__":
    sys.exit(main())

"""Answers phones' questions for names: what `doorman resolver` becomes.

A process without the settings' library, which takes as much memory again as all of this.
"""

import argparse
import signal
import sys
import threading

from gate.systemd import ServiceManager
from portal.resolver.server import Resolver, ResolverError

_DNSMASQ = ("127.0.0.1", 53)


def arguments(port: int) -> list[str]:
    """The command line of the process that answers on `port`."""
    return [sys.executable, "-I", "-m", "appliance.resolving", f"--port={port}"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="resolver", description="Answers phones before login.")
    parser.add_argument("--port", type=int, required=True)
    wanted = parser.parse_args()
    manager, stop_event = ServiceManager(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    try:
        with Resolver(wanted.port, _DNSMASQ) as serving:
            serving.serve(stop_event, manager.serving)
            manager.stopping()
    except ResolverError as error:
        sys.stderr.write(f"doorman resolver: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

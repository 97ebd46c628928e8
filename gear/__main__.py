"""The gate's process where the store keeps a gateway of another make: `python -I -m gear`.

`doorman gate` starts it. It has no power over this box, and is the only program that knows
the secrets of that gateway.
"""

import argparse
import signal
import sys
import threading

from core import log, settings
from core.settings import SettingsError
from gate import server
from gate.systemd import ServiceManager
from gear.opening import open_driver


def main() -> int:
    parser = argparse.ArgumentParser(prog="gear", description="Lets phones in at another gateway.")
    parser.add_argument(
        "--allow-uid", type=int, action="append", default=[], help="who may ask, besides root"
    )
    wanted = parser.parse_args()
    stop_event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    manager = ServiceManager()
    try:
        found = settings.load()
        log.configure(found.log_level)
        with open_driver(found) as gate:
            server.serve(
                found.gate_socket,
                gate,
                wanted.allow_uid,
                stop_event,
                takes_turns=False,
                on_turn=manager.serving,
            )
            manager.stopping()
    except SettingsError as error:
        sys.stderr.write(f"doorman: settings: {error}\n")
        return 2
    except (server.SocketTakenError, OSError) as error:
        sys.stderr.write(f"doorman gate: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

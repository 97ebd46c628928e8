"""`make lab`: the shop of the tests, up until Ctrl-C, to look at and to play with."""

import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.lab.phone import Phone
from tests.lab.shop import PORTAL_URL, Shop
from tests.lab.uplink import WEB_NAME

_TEXT = """
The shop is open. A phone has joined and is not online yet.

  a shell on the phone            ip netns exec {shopper} bash
  a page, as the phone gets it    ip netns exec {shopper} wget -qSO- http://{web}/
  the browser on the phone        ip netns exec {shopper} chromium --no-sandbox http://{web}/
  a shell on the gateway          ip netns exec {gateway} bash
  who is online                   ip netns exec {gateway} nft list set inet doorman online
  the carrier's messages          ip netns exec {internet} wget -qO- {messages}
  logs and data                   {folder}

The portal is {portal}. Stop with Ctrl-C.
"""


def main() -> int:
    if os.geteuid() != 0:
        sys.stderr.write("not root: cannot make network namespaces (try: sudo make lab)\n")
        return 1
    # An end by either signal goes through the `with` below, also while the shop comes up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="doorman-lab-") as folder,
            Shop(Path(folder)) as shop,
        ):
            Phone(shop).join()
            sys.stdout.write(_explained(shop))
            sys.stdout.flush()
            _wait_for_the_end()
    except KeyboardInterrupt:
        sys.stderr.write("stopped while it came up\n")
    return 0


def _explained(shop: Shop) -> str:
    return _TEXT.format(
        shopper=shop.shopper.name,
        gateway=shop.gateway.name,
        internet=shop.internet.name,
        web=WEB_NAME,
        portal=PORTAL_URL,
        messages=shop.messages_url,
        folder=shop.folder,
    )


def _wait_for_the_end() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        sys.stdout.write("closing the shop\n")
    for number in (signal.SIGINT, signal.SIGTERM):
        # Impatience must not leave half of it behind.
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())

"""The browser on a shopper's phone: `page.py`, running in the shopper's namespace."""

import json
import subprocess
import sys
from pathlib import Path

from tests.lab.namespace import Namespace


class BrowserError(Exception):
    """What the page, or the network behind it, said."""


class Browser:
    """One window, the size of a phone's."""

    def __init__(
        self, namespace: Namespace, device: str = "iPhone 14", locale: str = "en", *app: str
    ) -> None:
        program = Path(__file__).with_name("page.py")
        self._process = subprocess.Popen(
            namespace.command(sys.executable, "-P", program, device, locale, *app),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        # The end of its input ends it.
        self._process.communicate(timeout=20)

    @property
    def address(self) -> str:
        return str(self._ask("evaluate", "location.href"))

    def open(self, address: str) -> None:
        self._ask("goto", address)

    def fill(self, selector: str, text: str) -> None:
        self._ask("fill", selector, text)

    def tick(self, selector: str) -> None:
        self._ask("check", selector)

    def press(self, selector: str) -> None:
        self._ask("click", selector)

    def text(self, selector: str) -> str:
        """Wait until it is there."""
        return str(self._ask("inner_text", selector))

    def attribute(self, selector: str, name: str) -> str:
        return str(self._ask("get_attribute", selector, name))

    def _ask(self, method: str, *arguments: str) -> object:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([method, *arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "no browser"}')
        if "error" in answer:
            raise BrowserError(answer["error"])
        return answer["value"]

"""Chromium with one page, a program: does what it reads, and answers.

    python -P page.py DEVICE LOCALE [APP]

APP is what an app adds to the user agent of the browser that it has inside.

Each line in is a JSON array, the name of a method of Playwright's `Page` and its
arguments. Each line out is a JSON object with what came back, or with the error.
"""

import json
import sys

from playwright.sync_api import Error, sync_playwright

_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
_WITHIN_MS = 15_000


def main() -> None:
    device, locale, *app = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=_ARGUMENTS, timeout=4 * _WITHIN_MS
        )
        # It does not know the lab's own authority. Certificates are checked by `Phone`.
        described = playwright.devices[device]
        agent = " ".join([described["user_agent"], *app])
        page = browser.new_page(
            **described | {"user_agent": agent}, locale=locale, ignore_https_errors=True
        )
        page.set_default_timeout(_WITHIN_MS)
        for line in sys.stdin:
            method, *arguments = json.loads(line)
            try:
                value = getattr(page, method)(*arguments)
                answer = {"value": value if isinstance(value, str) else None}
            except Error as error:
                answer = {"error": error.message.partition("\n")[0]}
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()

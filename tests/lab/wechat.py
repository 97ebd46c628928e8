"""Headquarters' relay and a strict WeChat, in the lab's internet.

Both stand behind names that a temporary pass leads to. Headquarters speaks TLS, as portals want.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.fakes.wechat import server
from tests.lab import network
from tests.lab.shop import PORTAL_URL

_DOORMAN = Path(sys.executable).with_name("doorman")
_ADDRESS = network.WECHAT[4]
_HQ_PORT, _WECHAT_PORT = 8443, 8091
HQ_NAME = "hq.short.weixin.qq.com"
HQ_URL = f"https://{HQ_NAME}:{_HQ_PORT}"
WECHAT_URL = f"http://open.short.weixin.qq.com:{_WECHAT_PORT}"
STORE = "store-7"


class Headquarters:
    """Its key for the store is there before it runs, since the shop's settings need it."""

    def __init__(self, folder: Path, authority) -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "empty.toml").touch()
        self._certificate = folder / "hq.pem"
        issued = authority.issue_cert(HQ_NAME, _ADDRESS)
        issued.private_key_and_cert_chain_pem.write_to_path(str(self._certificate))
        found = {
            "PUBLIC_URL": HQ_URL,
            "WECHAT_API_URL": f"http://{_ADDRESS}:{_WECHAT_PORT}",
            "WECHAT_OPEN_URL": WECHAT_URL,
            "OFFICIAL_ACCOUNT__APP_ID": server.OFFICIAL,
            "OFFICIAL_ACCOUNT__SECRET": server.SECRET,
            "OFFICIAL_ACCOUNT__CALLBACK_TOKEN": server.TOKEN,
            "OFFICIAL_ACCOUNT__ENCODING_KEY": server.ENCODING_KEY,
            "MINI_PROGRAM__APP_ID": server.MINI_PROGRAM,
            "MINI_PROGRAM__SECRET": server.SECRET,
            "WEBSITE__APP_ID": server.WEBSITE,
            "WEBSITE__SECRET": server.SECRET,
        }
        self._environment = {
            **os.environ,
            "DOORMAN_CONFIG": str(folder / "empty.toml"),
            "DOORMAN_DATA_DIR": str(folder / "data"),
        } | {f"DOORMAN_HQ__{name}": value for name, value in found.items()}

    def add_store(self) -> str:
        """The key of the store; makes the tables as well."""
        command = [_DOORMAN, "hq", "add-store", STORE, PORTAL_URL]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def start(self, internet) -> None:
        tls = f"--certfile={self._certificate}"
        listening = [f"--bind={_ADDRESS}:{_HQ_PORT}", "--worker-class=gthread", "--threads=4"]
        gunicorn = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
        internet.start(
            [*gunicorn, tls, *listening, "hq.wsgi:create()"],
            self._folder / "hq.log",
            self._environment,
        )
        internet.start(
            server.command(_ADDRESS, _WECHAT_PORT), self._folder / "wechat.log", _of_wechat()
        )
        for address in (f"https://{_ADDRESS}:{_HQ_PORT}/", f"http://{_ADDRESS}:{_WECHAT_PORT}/"):
            _wait(internet, address)


def _of_wechat() -> dict[str, str]:
    """The fake's environment: it calls headquarters by its address, as it has no names."""
    made = server.environment(HQ_URL, encoding_key=server.ENCODING_KEY)
    [(name, text)] = made.items()
    found = json.loads(text)
    for app in found["apps"]:
        for field in ("callback_url", "server"):
            if field in app:
                app[field] = app[field].replace(HQ_NAME, _ADDRESS)
    return {**os.environ, name: json.dumps(found)}


def _wait(internet, address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(httpx.TransportError):
            internet.call(lambda: httpx.get(address, trust_env=False, verify=False))  # noqa: S501 - whether it answers
            return
        assert time.monotonic() < deadline, f"nobody answers at {address}"
        time.sleep(0.05)

"""Starts the fake WeChat as a process of its own, and speaks to it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests import free_ports
from tests.fakes.wechat.callbacks import TLS
from tests.fakes.wechat.wsgi import VARIABLE

ROOT = Path(__file__).parent.parent.parent.parent

OFFICIAL = "wx1111111111111111"
MINI_PROGRAM = "wx2222222222222222"
WEBSITE = "wx3333333333333333"
SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "AAAAA"
ENCODING_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def command(host, port):
    return [
        *(sys.executable, "-m", "gunicorn", "tests.fakes.wechat.wsgi:create()"),
        *(f"--bind={host}:{port}", "--workers=1", "--worker-class=gthread", "--threads=16"),
        *("--no-control-socket", "--keep-alive=0", "--log-level=error"),
    ]


def environment(hq_url, *, encoding_key="", retry_s=5.0):
    """Accounts of a chain whose headquarters browsers and WeChat reach at `hq_url`."""
    host = hq_url.partition("://")[2]
    apps = [
        {
            "app_id": OFFICIAL,
            "kind": "official_account",
            "callback_url": f"{hq_url}/wechat/callback",
            "callback_token": TOKEN,
            "encoding_key": encoding_key,
            "domain": host,
        },
        {"app_id": MINI_PROGRAM, "kind": "mini_program", "server": hq_url},
        {"app_id": WEBSITE, "kind": "website", "domain": host},
    ]
    found = {"apps": [{"secret": SECRET, **app} for app in apps], "retry_s": retry_s}
    return {VARIABLE: json.dumps(found)}


class WechatServer:
    def __init__(self, hq_url, **options):
        [port] = free_ports.find(1)
        self.url = f"http://127.0.0.1:{port}"
        self._command = command("127.0.0.1", port)
        self._environment = {**os.environ, **environment(hq_url, **options)}

    def __enter__(self):
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment)
        for _ in range(200):
            try:
                self.calls()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return self
        self.__exit__()
        raise TimeoutError("the fake WeChat does not answer")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)

    def order(self, what, **fields):
        response = httpx.post(
            f"{self.url}/control/{what}", json=fields, timeout=60, trust_env=False, verify=TLS
        )
        return response.raise_for_status().json()

    def calls(self):
        return httpx.get(f"{self.url}/control/calls", trust_env=False, verify=TLS).json()

    def ids(self, app_id, name):
        return httpx.get(
            f"{self.url}/control/openid/{app_id}/{name}", trust_env=False, verify=TLS
        ).json()

    def code(self, kind, app_id, name):
        return self.order("code", kind=kind, app_id=app_id, name=name)["code"]

    def follow(self, qr, name):
        """Scan the QR code and follow: the account's reply, and how often it was asked."""
        form = {"as": name, "json": "yes"}
        answer = httpx.post(f"{qr}/follow", data=form, timeout=60, trust_env=False, verify=TLS)
        return answer.raise_for_status().json()

    def authorise(self, url, name, agent="MicroMessenger/8.0"):
        """Open an address of authorisation inside WeChat: where it leads to."""
        answer = httpx.get(
            url.partition("#")[0],
            cookies={"wechat_user": name},
            headers={"user-agent": agent},
            trust_env=False,
            verify=TLS,
        )
        return answer.headers.get("location", answer.text)

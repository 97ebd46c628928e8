"""`doorman hq` as the chain runs it: real gunicorn, two workers, a fake WeChat outside."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.store import StoreSettings
from core.setting_groups.wechat import WechatSettings
from core.settings import Settings
from core.wechat_relay import Way
from tests import free_ports
from tests.fakes.wechat.callbacks import TLS
from tests.fakes.wechat.server import MINI_PROGRAM, OFFICIAL, SECRET, TOKEN, WEBSITE, WechatServer

DOORMAN = Path(sys.executable).with_name("doorman")


class Headquarters:
    def __init__(
        self, folder, *, database_url="", encoding_key="", retry_s=5.0, has_wechat=True, **others
    ):
        [port] = free_ports.find(1)
        self.url = f"http://127.0.0.1:{port}"
        self.folder, self._has_wechat = folder, has_wechat
        self.wechat = WechatServer(self.url, encoding_key=encoding_key, retry_s=retry_s)
        folder.mkdir(parents=True, exist_ok=True)
        # Named, so that no settings of a real appliance on this machine are read.
        (folder / "empty.toml").touch()
        found = {
            "HOST": "127.0.0.1",
            "PORT": port,
            "WORKERS": 2,
            "PUBLIC_URL": self.url,
            "DATABASE_URL": database_url,
            "WECHAT_API_URL": self.wechat.url,
            "WECHAT_OPEN_URL": self.wechat.url,
            "OFFICIAL_ACCOUNT__APP_ID": OFFICIAL,
            "OFFICIAL_ACCOUNT__SECRET": SECRET,
            "OFFICIAL_ACCOUNT__CALLBACK_TOKEN": TOKEN,
            "OFFICIAL_ACCOUNT__ENCODING_KEY": encoding_key,
            "MINI_PROGRAM__APP_ID": MINI_PROGRAM,
            "MINI_PROGRAM__SECRET": SECRET,
            "MINI_PROGRAM__URL_LINK": "true",
            "WEBSITE__APP_ID": WEBSITE,
            "WEBSITE__SECRET": SECRET,
        }
        self._environment = {
            **os.environ,
            "DOORMAN_CONFIG": str(folder / "empty.toml"),
            "DOORMAN_DATA_DIR": str(folder / "data"),
            "DOORMAN_LOG_LEVEL": "debug",
        } | {f"DOORMAN_HQ__{name}": str(value) for name, value in found.items()}
        # Of other groups than `hq`, as variables are named.
        self._environment |= {f"DOORMAN_{name}": str(value) for name, value in others.items()}

    def __enter__(self):
        with (self.folder / "log").open("wb") as log:
            # A group of its own, so that a kill takes the workers as well.
            self._process = subprocess.Popen(
                [DOORMAN, "hq"], env=self._environment, stderr=log, start_new_session=True
            )
        if self._has_wechat:
            self.wechat.__enter__()
        for _ in range(400):
            try:
                httpx.get(self.url, trust_env=False, verify=TLS)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return self
        self.__exit__()
        raise TimeoutError(f"the relay does not answer: {self.log()}")

    def __exit__(self, *_):
        if self._has_wechat:
            self.wechat.__exit__()
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(15)

    def log(self):
        return (self.folder / "log").read_text()

    def add_store(self, name, *urls):
        """The key of the store."""
        done = subprocess.run(
            [DOORMAN, "hq", "add-store", name, *urls],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


def store_settings(url, key, **others):
    """Of a store with this headquarters, `store-7` unless it says another."""
    return Settings(
        **{
            "store": StoreSettings(id="store-7"),
            "headquarters": HeadquartersSettings(url=url, key=key),
            "wechat": WechatSettings(ways=tuple(Way)),
            **others,
        }
    )

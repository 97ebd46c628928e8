"""The demo's fakes under a real web server, to be started, killed and started again."""

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from appliance import web_server
from core import webhook_signature
from tests import free_ports

ROOT = Path(__file__).parent.parent.parent


class FakesServer:
    def __init__(self, folder, key, workers=2):
        self.folder = folder
        [port] = free_ports.find(1)
        self.url = f"http://127.0.0.1:{port}"
        self._command = web_server.arguments(
            "appliance.demo.fakes.wsgi:create()", web_server.Place("127.0.0.1", port, workers)
        )
        text = webhook_signature.write_key(key)
        folder.mkdir()
        # Named, so that no settings of a real appliance on this machine are read.
        (folder / "empty.toml").touch()
        self._environment = {
            **os.environ,
            "DOORMAN_CONFIG": str(folder / "empty.toml"),
            "DOORMAN_FAKES_DIR": str(folder),
            "DOORMAN_SMS__WEBHOOK__SIGNING_KEY": text,
            "DOORMAN_CRM__SIGNING_KEY": text,
        }

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        # A group of its own, so that a kill takes the workers as well.
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, start_new_session=True
        )
        for _ in range(200):
            try:
                httpx.get(self.url, trust_env=False)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise TimeoutError("the fakes do not answer")

    def kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def pids(self):
        """Of the server and its workers."""
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text("ascii").split()
        return [own, *map(int, children)]

    def order_fault(self, mode, count=1):
        fault = {"mode": mode, "count": count}
        httpx.post(f"{self.url}/crm/faults", json=fault, trust_env=False).raise_for_status()

    def state(self):
        return httpx.get(f"{self.url}/crm/state.json", trust_env=False).json()

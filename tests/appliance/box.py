"""The programs of a small box, started as its units start them: each with a systemd of its own."""

import contextlib
import os
import subprocess
import sys
import time

from core import migrate
from core.database import Database
from core.settings import Settings
from tests import free_ports
from tests.appliance.systemd import Systemd

_WITHIN_S = 60


class Box:
    """A store without a firewall, on the loopback address."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "run" / "alive").mkdir(parents=True)
        self.data = folder / "data"
        self.portal_port, self.dashboard_port, self.resolver_port = free_ports.find(3)
        empty = folder / "doorman.toml"
        empty.touch()
        settings = {
            "DATA_DIR": self.data,
            "RUN_DIR": folder / "run",
            "PORTAL__PORT": self.portal_port,
            "PORTAL__URL": f"http://127.0.0.1:{self.portal_port}",
            "PORTAL__NEIGHBOURS": "loopback",
            "GATE__KIND": "recording",
            "DASHBOARD__PORT": self.dashboard_port,
            "RESOLVER__PORT": self.resolver_port,
            "LOG_LEVEL": "warning",
        }
        self.variables = {f"DOORMAN_{name}": str(value) for name, value in settings.items()}
        self.variables["DOORMAN_CONFIG"] = str(empty)
        database = Database(Settings(data_dir=self.data).database_url)
        migrate.upgrade(database)
        database.dispose()

    @contextlib.contextmanager
    def running(self, program, watchdog_s=2.0):
        """`doorman PROGRAM`, and the systemd that hears it."""
        name = f"{program}-{time.monotonic_ns()}"
        with (
            Systemd(self.folder / f"{name}.sock") as systemd,
            (self.folder / f"{name}.log").open("wb") as log,
        ):
            process = subprocess.Popen(
                [sys.executable, "-m", "appliance", program],
                stderr=log,
                env=self._environment() | systemd.environment(watchdog_s),
            )
            try:
                yield Running(process, systemd)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                process.wait(20)

    def doorman(self, *arguments):
        return subprocess.run(
            [sys.executable, "-m", "appliance", *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_WITHIN_S,
        )

    def _environment(self):
        outside = {name: value for name, value in os.environ.items() if "DOORMAN_" not in name}
        return outside | self.variables


class Running:
    def __init__(self, process, systemd):
        self.process, self.systemd = process, systemd
        self.pid = process.pid

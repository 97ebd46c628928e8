"""The whole appliance at a shop's gateway, its data on a disk of its own.

The gateway of the lab with its portal, front, gate and resolver; beside them advertise, a
sensor on a radio of our making, jobs, dashboard and flows, all as they run in a store. The disk is
a file with ext4 on it, so that what is written can be counted, and filled, as a flash's.
Needs root.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import trustme

from appliance import web_server
from core.database import Database
from tests.disk import Disk
from tests.lab.shop import PORTAL_NAME, Shop
from tests.sniffer.air import Radio, on_air

RADIO = "mon0"
DASHBOARD_PORT = 8081
# What of a command line tells our programs from each other.
MARKS = {
    "gate": "-m gate",
    "resolver": "resolv",
    "advertise": "advertis",
    "portal": "appliance.serving:portal",
    "front": "nginx",
    "sensor": "appliance.hearing",
    "jobs": "doorman jobs",
    "dashboard": "appliance.serving:dashboard",
    "flows": "access_log.flows",
}
# Loaded where they are, by libraries of ours; no store installs them.
_NOT_IN_A_STORE = ("pygments", "rich")
_DOORMAN = Path(sys.executable).with_name("doorman")
_FAKES, _CRM_PORT = "appliance.demo.fakes.wsgi:create()", 8083
_READY_WITHIN_S = 60


def missing() -> str:
    """What keeps this machine from running it; empty: nothing."""
    if os.geteuid():
        return "not root"
    names = [name for name in ("nft", "dnsmasq", "nginx", "mkfs.ext4") if not shutil.which(name)]
    return f"not installed: {', '.join(names)}" if names else ""


class Box:
    """Up while the `with` block lasts."""

    def __init__(self, folder: Path, *, mib: int = 512, **settings: object) -> None:
        self.folder = folder
        self.disk = Disk(folder / "data", mib)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "trusted.pem"))
        pair = authority.issue_cert(PORTAL_NAME).private_key_and_cert_chain_pem
        (folder / "portal.pem").write_bytes(pair.bytes())
        (folder / "run" / "alive").mkdir(parents=True)
        (folder / "absent").mkdir()
        for name in _NOT_IN_A_STORE:
            (folder / "absent" / f"{name}.py").write_text("raise ImportError\n")
        self.shop = Shop(folder, _settings(folder) | settings)
        self.radio: Radio
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._closing as closing:
            closing.enter_context(self.disk)
            closing.enter_context(self.shop)
            self.radio = closing.enter_context(on_air(self.shop.gateway, RADIO))
            crm = web_server.arguments(_FAKES, web_server.Place("127.0.0.1", _CRM_PORT))
            self.shop.gateway.start(crm, self.folder / "crm.log", self.environment)
            for program in ("advertise", "sensor", "jobs", "dashboard", "flows"):
                self.start(program)
            self._wait()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"{program}.log"
        return self.shop.gateway.start([_DOORMAN, program, *words], log, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        return self.shop._environment | {
            "DOORMAN_ADVERTISE__DNSMASQ_PID_FILE": f"{self.folder / self.shop.gateway.name}.pid",
            "SSL_CERT_FILE": f"{self.folder}/trusted.pem",
            "SSL_CERT_DIR": f"{self.folder}/none",
            "PYTHONPATH": f"{self.folder}/absent",
        }

    @property
    def data(self) -> Path:
        return self.disk.place

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        database = Database(f"sqlite:///{self.data / 'doorman.sqlite'}")
        try:
            yield database
        finally:
            database.dispose()

    def pids(self) -> dict[str, list[int]]:
        """Of each program, with its workers."""
        found: dict[str, list[int]] = {name: [] for name in MARKS}
        for pid in self.shop.gateway.pids():
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                for name, mark in MARKS.items():
                    if mark in line:
                        found[name].append(pid)
                        break
        return found

    def _wait(self) -> None:
        wait_until("sensor", (self.folder / "run/alive/sensor-status.json").exists)
        wait_until("dashboard", lambda: self.shop.gateway.call(_dashboard_answers))
        wait_until("advertise", (self.folder / "dhcp-options").exists)
        # Before they are what their marks say, they are `doorman` reading its settings.
        wait_until("each program", lambda: all(self.pids().values()))


def wait_until(name: str, ready: Callable[[], bool], within_s: float = _READY_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is not ready")
        time.sleep(0.05)


@contextlib.contextmanager
def box(**settings: object) -> Iterator[Box]:
    # Not a long path: there are Unix sockets in it.
    with (
        tempfile.TemporaryDirectory(prefix="doorman-box-") as name,
        Box(Path(name), **settings) as running,
    ):
        yield running


def _dashboard_answers() -> bool:
    import socket  # noqa: PLC0415 - in the namespace's thread alone

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", DASHBOARD_PORT)) == 0


def _settings(folder: Path) -> dict[str, object]:
    return {
        "RUN_DIR": folder / "run",
        "FRONT__SERVER": "nginx",
        "FRONT__HTTP_PORT": 80,
        "FRONT__WORKERS": 1,
        "FRONT__FOLDER": folder / "front",
        # The folder is root's alone.
        "FRONT__USER": "root",
        "PORTAL__URL": f"https://{PORTAL_NAME}",
        "CERTIFICATE__CHAIN": folder / "portal.pem",
        "CERTIFICATE__KEY": folder / "portal.pem",
        "ADVERTISE__OPTIONS_FILE": folder / "dhcp-options",
        "SENSOR__INTERFACES": f'["{RADIO}"]',
        "DASHBOARD__PORT": DASHBOARD_PORT,
        "CRM__URL": f"http://127.0.0.1:{_CRM_PORT}/crm/events",
        "SMS__SENDS_PER_STORE_DAY": 100_000,
    }

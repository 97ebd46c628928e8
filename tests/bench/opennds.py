"""openNDS, the peer: Debian's package in three namespaces like the lab's, to be measured.

The package is fetched and unpacked under build/, not installed: installed, it would start
and close the machine's own network. One line of it is changed. It makes its chains at a
priority at which the iptables of Debian 12 adds no rule, and ends at once; we let it
make them at the usual one.

It runs in a mount namespace of its own, where the unpacked folders lie over /usr and /etc,
and what it writes goes nowhere.
"""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from tests.bench.crowd import Crowd
from tests.lab import network
from tests.lab.namespace import Namespace

VERSION = "9.10"
_PACKAGES = ("opennds-daemon", "opennds-daemon-common")
_UNPACKED = Path("build/opennds")
_NEEDED = ("iptables", "ipset", "nft")
_READY_WITHIN_S = 30

_CONFIGURATION = """
GatewayInterface br-lan
MaxClients 2000
GatewayName bench
PreAuthIdleTimeout 30
AuthIdleTimeout 120
FirewallRuleSet authenticated-users {
    FirewallRule allow all
}
FirewallRuleSet preauthenticated-users {
}
FirewallRuleSet users-to-router {
    FirewallRule allow udp port 53
    FirewallRule allow tcp port 53
    FirewallRule allow udp port 67
    FirewallRule allow tcp port 80
}
"""
# `$1` is the folder with the unpacked package. `exec`, so that the process is openNDS itself.
_START = """
set -e
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay -o "lowerdir=$1/usr:/usr" overlay /usr
mount -t overlay -o "lowerdir=$1/etc:/etc,upperdir=/mnt/upper,workdir=/mnt/work" overlay /etc
mount --bind "$1/leases" /var/lib/misc
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
exec opennds -f -d 1 -c /etc/opennds/opennds.conf
"""


class NotThereError(Exception):
    """openNDS cannot be measured here; the message says why."""


class OpenNds:
    """A shop whose gateway runs openNDS while `running`; else it forwards and no more."""

    def __init__(self, phones: int) -> None:
        self._phones = phones
        prefix = f"doorman-peer-{os.getpid()}"
        self.shopper = Namespace(f"{prefix}-shopper")
        self.gateway = Namespace(f"{prefix}-gateway")
        self.internet = Namespace(f"{prefix}-internet")
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._closing as closing:
            for namespace in (self.internet, self.gateway, self.shopper):
                closing.enter_context(namespace)
            network.lay(self.shopper, self.gateway, self.internet)
            self.shopper.run("ip", "address", "add", "192.168.50.50/24", "dev", "eth0")
            self.shopper.run("ip", "route", "add", "default", "via", network.GATEWAY[4])
            # openNDS translates no addresses: the way back has to be known.
            for addresses in ("192.168.50.0/24", "198.18.0.0/16"):
                self.internet.run("ip", "route", "add", addresses, "via", "203.0.113.2")
            self.crowd = Crowd(self.shopper, self.gateway, self._phones)
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """openNDS, fresh: it knows no phone, and nothing waits in its queue."""
        self._start()
        try:
            yield
        finally:
            self._process.terminate()
            self._process.wait()

    def _start(self) -> None:
        unpack()
        leases = _UNPACKED / "leases"
        leases.mkdir(exist_ok=True)
        until = int(time.time()) + 86_400
        (leases / "dnsmasq.leases").write_text(
            "".join(f"{until} {mac} {address} phone *\n" for address, mac in self.crowd)
        )
        self._log = _UNPACKED / "log"
        self._log.unlink(missing_ok=True)
        here = ("unshare", "--mount", "--propagation", "private")
        self._process = self.gateway.start(
            [*here, "sh", "-c", _START, "sh", _UNPACKED.resolve()], self._log
        )
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise NotThereError(f"openNDS does not start: {self._log.read_text()[-500:]}")
            time.sleep(0.2)

    def auth(self, number: int) -> None:
        """Let a phone of the crowd pass that openNDS has seen: as its own tool does it."""
        answer = self.ndsctl("auth", self.crowd.address(number))
        if "authenticated" not in answer:
            raise NotThereError(f"ndsctl auth: {answer.strip()[:200]}")

    def ndsctl(self, *words: str) -> str:
        inside = ["nsenter", f"--target={self._process.pid}", "--mount", "--net"]
        done = subprocess.run(
            [*inside, "ndsctl", *words], check=False, capture_output=True, text=True, timeout=30
        )
        return done.stdout + done.stderr

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def _answers(self) -> bool:
        return "openNDS" in self.ndsctl("status")


def unpack() -> None:
    """Fetch the package unless it is there, and make the one change it needs."""
    missing = [program for program in _NEEDED if not shutil.which(program)]
    if missing:
        raise NotThereError(f"not installed: {', '.join(missing)}")
    if (_UNPACKED / "usr/bin/opennds").exists():
        return
    draft = _UNPACKED.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        subprocess.run(
            ["apt-get", "download", "-q", *_PACKAGES], cwd=draft, check=True, capture_output=True
        )
        for package in draft.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, draft], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotThereError("the package opennds-daemon cannot be fetched") from error
    script = draft / "usr/lib/opennds/libopennds.sh"
    script.write_text(
        script.read_text()
        .replace("priority -100 ; }", "priority 0 ; }")
        .replace('"priority -100"', '"priority filter"')
    )
    (draft / "etc/opennds/opennds.conf").write_text(_CONFIGURATION)
    draft.rename(_UNPACKED)

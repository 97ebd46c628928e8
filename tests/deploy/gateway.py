"""What is asked of a booted box once it is a gateway, and what a shopper does there."""

import json
import re
import shlex
import time

from tests.deploy.store import PORTAL_URL
from tests.lab.browser import Browser
from tests.lab.test_login import log_in
from tests.lab.uplink import WEB_NAME

# What a new release brings: the rest of the box is as it was.
UPGRADE = ("--tags", "release,firewall,resolver,programs")
DATABASE = "/var/lib/doorman/doorman.sqlite"
_WITHIN_S = 300
# Of a program's unit, what a command that ends has another way.
_OF_A_SERVICE = re.compile(
    r"^(Type|NotifyAccess|WatchdogSec|Restart|RestartSec)=.*\n", re.MULTILINE
)
_STARTED = re.compile(r"^ExecStart=.*$", re.MULTILINE)


def set_up(store, playbooks):
    """Of a bare Debian, or of what was a gateway before."""
    done = playbooks.run("site.yml")

    assert done.status == 0, done.output[-4000:]
    assert is_healthy(store), store.ssh("doorman health").stdout


def go_online(store):
    """As a shopper by a code, from the page that a phone is led to."""
    browser = Browser(store.shopper, "iPhone 14", "en")
    try:
        browser.open(f"http://{WEB_NAME}/news")
        assert browser.address.startswith(PORTAL_URL)
        log_in(store, browser)
        browser.tick("#membership")
        browser.press("#go-online")
        assert browser.text("#online")
    finally:
        browser.close()


def is_healthy(store):
    return store.ssh("doorman health --wait 60").returncode == 0


def online(store):
    """The hardware addresses that the firewall lets through."""
    listed = json.loads(store.run("nft -j list set inet doorman online"))
    [found] = [each["set"] for each in listed["nftables"] if "set" in each]
    return {element["elem"]["val"] for element in found.get("elem", [])}


def running(store):
    """The version of the release that runs."""
    return store.run("readlink /opt/doorman/current/release").strip().rpartition("/")[2]


def is_whole(store):
    """The database, by SQLite's own check."""
    ask = f"sqlite3.connect('{DATABASE}').execute('PRAGMA integrity_check').fetchall()"
    return store.run(f'python3 -c "import sqlite3; print({ask})"') == "[('ok',)]\n"


def wait_until(true):
    deadline = time.monotonic() + _WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def run_as(store, program, *words, **environment):
    """A command with what that program may do and is given, and no more."""
    unit = store.run(f"cat /etc/systemd/system/doorman-{program}.service")
    said = "\n".join(
        ["Type=oneshot", f"ExecStart={shlex.join(words)}"]
        + [f"Environment={name}={value}" for name, value in environment.items()]
    )
    text = _STARTED.sub(said, _OF_A_SERVICE.sub("", unit))
    store.run(f"cat >/run/systemd/system/tried.service <<'EOF'\n{text}EOF\nsystemctl daemon-reload")
    done = store.ssh("systemctl start tried")
    assert done.returncode == 0, store.run("journalctl --no-pager --lines=30 --unit=tried")

"""A box's life: from a bare Debian by way of upgrades and power cuts to being uninstalled.

In this order: each test goes on with the box as the one before has left it.
"""

import json
import re
import shutil
import time

import pytest

from tests.deploy.store import BOX, PORTAL_URL
from tests.lab import network
from tests.lab.browser import Browser
from tests.lab.phone import Phone
from tests.lab.test_login import log_in
from tests.lab.uplink import WEB_NAME

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

# What a new release brings: the rest of the box is as it was.
UPGRADE = ("--tags", "release,firewall,resolver,programs")
_WITHIN_S = 300
_RELEASES = "opt/doorman/releases"
_DATABASE = "/var/lib/doorman/doorman.sqlite"
# What systemd calls "OK"; a service that may do anything is at 9.6.
_MOST_EXPOSED = 3.0

_MIGRATION = """\
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("made_up", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("made_up")
"""


@pytest.fixture(scope="module")
def phone(store, playbooks):
    if not shutil.which("chromium"):
        pytest.skip("not installed: chromium")
    return Phone(store, store.shopper)


def healthy(store):
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
    ask = f"sqlite3.connect('{_DATABASE}').execute('PRAGMA integrity_check').fetchall()"
    return store.run(f'python3 -c "import sqlite3; print({ask})"') == "[('ok',)]\n"


def left_behind(store):
    """Files, users, groups, units and tables of the firewall that bear our name."""
    searches = (
        "find / -xdev -iname '*doorman*' -not -path '/var/log/journal/*' -not -path '/tmp/*'",
        "getent passwd | grep -i doorman",
        "getent group | grep -i doorman",
        "systemctl list-units --all --plain --no-legend | grep -i doorman",
        "grep -ril doorman /etc",
        "nft list tables 2>/dev/null | grep -i doorman",
    )
    return [line for search in searches for line in store.ssh(search).stdout.splitlines()]


def wait_until(true):
    deadline = time.monotonic() + _WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_bare_debian_becomes_a_healthy_gateway(store, playbooks):
    done = playbooks.run("site.yml")

    assert done.status == 0, done.output[-4000:]
    assert healthy(store), store.ssh("doorman health").stdout
    assert store.ssh("systemctl is-system-running --wait").stdout.strip() == "running"


def test_doctor_finds_nothing_wrong_but_the_clock_that_a_container_cannot_set(store, playbooks):
    told = json.loads(store.ssh("doorman doctor --json").stdout)

    wrong = [each["text"] for each in told["findings"] if each["grade"] == "wrong"]
    assert wrong == ["nothing sets this machine's clock"]
    assert len(told["findings"]) > 30


def test_a_shopper_goes_online_by_a_code(store, phone):
    phone.join()
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

    assert phone.get(4).status == 200
    assert phone.get(6).status == 200
    assert phone.mac in online(store)


def test_a_second_run_changes_nothing(playbooks):
    done = playbooks.run("site.yml")

    assert (done.status, done.changed) == (0, 0), done.output[-4000:]


def test_a_check_changes_nothing(playbooks):
    done = playbooks.run("site.yml", "--check", *UPGRADE)

    assert (done.status, done.changed) == (0, 0), done.output[-4000:]


def test_programs_may_do_little(store):
    listed = store.run("systemd-analyze --no-pager security")
    exposed = dict(re.findall(r"(doorman-\S+)\.service +([\d.]+)", listed))

    assert {"doorman-gate", "doorman-portal", "doorman-front"} <= exposed.keys()
    assert {unit for unit, value in exposed.items() if float(value) > _MOST_EXPOSED} == set()


def test_shoppers_reach_neither_ssh_nor_the_dashboard(store, phone):
    for address in (network.GATEWAY[4], BOX):
        for port in (22, 8081):
            with pytest.raises(OSError, match=r"refused|unreachable|prohibited|No route"):
                phone.reach(address, port)


def test_an_upgrade_loses_no_session_and_no_download(store, playbooks, phone, newer):
    newest = store.run("cat /opt/doorman/current/release/revision").strip()
    migration = {"core/migrations/versions/9999_made_up.py": _MIGRATION.format(newest=newest)}
    with phone.download(4) as download:
        done = playbooks.run("site.yml", *UPGRADE, **newer("0.2.0", migration))
        assert done.status == 0, done.output[-4000:]
        assert download.recv(1000)
        assert not phone.falls_silent(download, within_s=2)

    assert running(store) == "0.2.0"
    assert phone.mac in online(store)


def test_a_broken_release_goes_back_by_itself(store, playbooks, phone, newer):
    broken = {"portal/wsgi.py": 'raise RuntimeError("made to fail")\n'}
    done = playbooks.run("site.yml", *UPGRADE, **newer("0.3.0", broken), programs_health_wait_s=20)

    assert done.status != 0
    assert running(store) == "0.2.0"
    assert healthy(store)
    assert phone.get(4).status == 200


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(f"{_RELEASES}/0.4.0/bin/pip", id="as-it-is-built"),
        pytest.param("opt/doorman/unproven", id="as-it-is-switched-to"),
    ],
)
def test_a_power_cut_in_an_upgrade_leaves_a_healthy_box(store, playbooks, phone, newer, moment):
    begun = playbooks.start("site.yml", *UPGRADE, **newer("0.4.0", {}))
    wait_until((store.box.root / moment).exists)
    store.cut_power()
    # It ended with its connection.
    begun.communicate()
    store.switch_on()

    assert healthy(store), store.ssh("doorman health").stdout
    assert is_whole(store)
    wait_until(lambda: phone.mac in online(store))
    assert phone.get(4).status == 200


def test_the_upgrade_is_done_by_running_it_again(store, playbooks, newer):
    done = playbooks.run("site.yml", *UPGRADE, **newer("0.4.0", {}))

    assert done.status == 0, done.output[-4000:]
    assert running(store) == "0.4.0"


def test_a_power_cut_as_a_shopper_logs_in_loses_nothing_that_was_said(store, phone):
    other = Phone(store, store.shopper)
    other.join()
    browser = Browser(store.shopper, "Pixel 7", "en-GB")
    try:
        log_in(store, browser)
        browser.press("#go-online")
        assert browser.text("#online")
        store.cut_power()
    finally:
        browser.close()
    store.switch_on()

    assert healthy(store), store.ssh("doorman health").stdout
    assert is_whole(store)
    wait_until(lambda: {phone.mac, other.mac} <= online(store))
    assert other.get(4).status == 200


def test_the_release_before_comes_back_with_its_database(store, playbooks, phone):
    done = playbooks.run("roll-back.yml")

    assert done.status == 0, done.output[-4000:]
    assert running(store) == "0.2.0"
    assert healthy(store)
    assert phone.mac in online(store)


def test_shoppers_are_online_after_a_reboot(store, phone):
    store.reboot()

    assert healthy(store), store.ssh("doorman health").stdout
    wait_until(lambda: phone.mac in online(store))


def test_uninstalling_leaves_nothing(store, playbooks):
    done = playbooks.run("uninstall.yml", "-e", "uninstall_confirmed=box")

    assert done.status == 0, done.output[-4000:]
    assert left_behind(store) == []

"""A box's birth: a gateway of a bare Debian. Its later life: test_upgrades.py.

In this order: each test goes on with the box as the one before has left it.
"""

import base64
import io
import json
import re

import pytest

from backup import contents
from backup.age import Opening
from backup.keys import PrivateKey
from tests.deploy.gateway import (
    UPGRADE,
    go_online,
    is_healthy,
    online,
    run_as,
    set_up,
    wait_until,
)
from tests.deploy.store import BOX
from tests.lab import network
from tests.lab.uplink import WECHAT_NAME

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

DOORMAN = "/opt/doorman/current/doorman"
BACKUPS = "/var/lib/doorman/backups"
OWNER = PrivateKey.new()
_FLOWS = "/var/lib/doorman-flows"
# What systemd calls "OK"; a service that may do anything is at 9.6.
_MOST_EXPOSED = 3.0


def test_a_bare_debian_becomes_a_healthy_gateway(store, playbooks):
    playbooks.facts["release_settings"] |= {
        "backup": {"target": BACKUPS, "public_key": OWNER.public().text()},
        "gate": {"garden_hosts": [WECHAT_NAME]},
    }
    set_up(store, playbooks)

    assert store.ssh("systemctl is-system-running --wait").stdout.strip() == "running"


def test_doctor_finds_nothing_wrong_but_the_clock_that_a_container_cannot_set(store, playbooks):
    told = json.loads(store.ssh("doorman doctor --json").stdout)

    wrong = [each["text"] for each in told["findings"] if each["grade"] == "wrong"]
    assert wrong == ["nothing sets this machine's clock"]
    assert len(told["findings"]) > 30


def test_a_shopper_goes_online_by_a_code(store, phone):
    phone.join()
    go_online(store)

    assert phone.get(4).status == 200
    assert phone.get(6).status == 200
    assert phone.mac in online(store)


def test_the_laws_log_says_whose_a_connection_was(store, phone):
    # What the web server and the police know of it.
    known = f"--public 203.0.113.2 --destination {network.WEB[4]} --destination-port 80"
    when = '--at "$(date --iso-8601=seconds)" --slack 600'
    ask = f"doorman flows search {known} {when} --reason test"

    wait_until(lambda: phone.mac in store.ssh(ask).stdout)
    assert store.run(f"stat --format '%U %a' {_FLOWS}/flows.key") == "doorman-flows 600\n"


def test_the_resolver_tells_the_firewall_what_is_open_before_login(store, phone):
    phone.ask(WECHAT_NAME, "A", network.GATEWAY[4])

    assert network.WECHAT[4] in store.run("nft list set inet doorman garden4")


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


def test_a_report_is_printed_within_the_dashboards_limits(store):
    file = "/var/lib/doorman/tried.pdf"
    run_as(store, "dashboard", *f"{DOORMAN} report --format pdf --output {file}".split())

    assert store.run(f"head --bytes=5 {file}") == "%PDF-"


def test_a_backup_has_keys_that_only_their_programs_may_read(store, tmp_path):
    store.run(f"install --directory --owner=doorman {BACKUPS}")
    run_as(store, "backup", DOORMAN, "backup", "make")

    sealed = base64.b64decode(store.run(f"base64 {BACKUPS}/*-data.age"))
    contents.read(Opening(io.BytesIO(sealed), OWNER), tmp_path)
    assert {"database.sqlite", "flows.key", "secrets.toml"} <= {
        path.name for path in tmp_path.iterdir()
    }
    # As the timer does, twice an hour.
    store.run("systemctl start doorman-backup")
    assert store.run("systemctl is-active doorman-backup.timer") == "active\n"


def test_the_jobs_hear_from_chrony_how_far_off_the_clock_is(store):
    # Which a container may not set: chrony as role clock has it, but for that.
    store.run("(cat /etc/chrony/chrony.conf; echo local) >/run/clock.conf")
    store.run("systemd-run --unit=clock chronyd -x -d -f /run/clock.conf")
    wait_until(lambda: "Normal" in store.ssh("chronyc tracking").stdout)
    look = (
        "from access_log import box_clock; raise SystemExit(box_clock.look_at_clock()[1] is None)"
    )
    try:
        run_as(store, "jobs", "/opt/doorman/current/release/bin/python", "-c", look)
    finally:
        store.run("systemctl stop clock")


def test_shoppers_reach_neither_ssh_nor_the_dashboard(store, phone):
    for address in (network.GATEWAY[4], BOX):
        for port in (22, 8081):
            with pytest.raises(OSError, match=r"refused|unreachable|prohibited|No route"):
                phone.reach(address, port)


def test_shoppers_are_online_after_a_reboot(store, phone):
    store.reboot()

    assert is_healthy(store), store.ssh("doorman health").stdout
    wait_until(lambda: phone.mac in online(store))

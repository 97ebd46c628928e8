"""A gateway's releases: upgrades, power cuts in the midst of them, the way back, and the end.

In this order: each test goes on with the box as the one before has left it.
"""

import pytest

from tests.deploy.gateway import (
    UPGRADE,
    go_online,
    is_healthy,
    is_whole,
    online,
    running,
    set_up,
    wait_until,
)
from tests.lab.browser import Browser
from tests.lab.phone import Phone
from tests.lab.test_login import log_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

_RELEASES = "opt/doorman/releases"

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


@pytest.fixture(scope="module", autouse=True)
def _in_use(store, playbooks, phone):
    """A gateway with a shopper online, before the first of these tests."""
    set_up(store, playbooks)
    phone.join()
    go_online(store)


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
    assert is_healthy(store)
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

    assert is_healthy(store), store.ssh("doorman health").stdout
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

    assert is_healthy(store), store.ssh("doorman health").stdout
    assert is_whole(store)
    wait_until(lambda: {phone.mac, other.mac} <= online(store))
    assert other.get(4).status == 200


def test_the_release_before_comes_back_with_its_database(store, playbooks, phone):
    done = playbooks.run("roll-back.yml")

    assert done.status == 0, done.output[-4000:]
    assert running(store) == "0.2.0"
    assert is_healthy(store)
    assert phone.mac in online(store)


def test_uninstalling_leaves_nothing(store, playbooks):
    done = playbooks.run("uninstall.yml", "-e", "uninstall_confirmed=box")

    assert done.status == 0, done.output[-4000:]
    assert left_behind(store) == []

import os
import stat
import subprocess

import pytest

from core.mac import Mac
from portal.clones import lease_spool
from portal.clones.clone_watch import LeaseRequest

MAC = "02:00:5e:10:00:01"


@pytest.fixture
def folder(tmp_path):
    """With a name that a shell could stumble over."""
    folder = tmp_path / "door man's $data"
    folder.mkdir()
    (tmp_path / "script").write_text(lease_spool.script(folder))
    return folder


@pytest.fixture
def run(tmp_path, folder):
    """The script, as dnsmasq runs it."""

    def run(action="add", mac=MAC, **variables):
        known = {f"DNSMASQ_{name.upper()}": text for name, text in variables.items()}
        command = ["sh", tmp_path / "script", action, mac, "192.168.50.9", "Annas-iPhone"]
        # Beyond the largest file it is killed: that is no error to dnsmasq.
        subprocess.run(command, check=False, env={"PATH": os.environ["PATH"]} | known)

    return run


def test_a_request_goes_through_whole(run, folder):
    run(requested_options="1,3,6", vendor_class="android-dhcp-14")
    run("old", requested_options="1,3", vendor_class="MSFT 5.0 of 'mine'")
    run(requested_options="1,3")

    asked = [("1,3,6", "android-dhcp-14"), ("1,3", "MSFT 5.0 of 'mine'"), ("1,3", "")]
    assert lease_spool.take(folder) == [LeaseRequest(Mac.parse(MAC), *each) for each in asked]


def test_what_was_taken_is_gone(run, folder):
    run(requested_options="1")

    assert len(lease_spool.take(folder)) == 1
    assert lease_spool.take(folder) == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("action", "variables"),
    [
        pytest.param("del", {"requested_options": "1"}, id="a lease that ends"),
        pytest.param("old", {}, id="repeated after a restart"),
        pytest.param("tftp", {"requested_options": "1"}, id="another event"),
    ],
)
def test_what_is_no_request_is_left_out(run, folder, action, variables):
    run(action, **variables)

    assert lease_spool.take(folder) == []


def test_nobody_else_reads_it_and_no_name_is_in_it(run, folder):
    run(requested_options="1", supplied_hostname="Annas-iPhone")
    file = folder / lease_spool.NAME

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"Anna" not in file.read_bytes()


def test_it_does_not_fill_the_disk(run, folder):
    file = folder / lease_spool.NAME
    file.write_bytes(b"x" * 1_048_570)
    run(requested_options="1,2,3")

    assert file.stat().st_size <= 1_048_576
    assert lease_spool.take(folder) == []


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param(b"\0\0", id="empty"),
        pytest.param(b"06-01:02 1 \0", id="no Ethernet"),
        pytest.param(b"\xff\xfe\0", id="no text"),
        pytest.param(MAC.encode() + b" 1", id="not finished"),
    ],
)
def test_what_cannot_be_read_is_skipped(folder, junk):
    (folder / lease_spool.NAME).write_bytes(junk)

    assert lease_spool.take(folder) == []

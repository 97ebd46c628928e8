"""The rules that stand in when a release's cannot be loaded, by nft in a network of its own."""

import os
import shlex
import subprocess
from pathlib import Path

import jinja2
import pytest

from gate.ruleset import Ruleset

ROLE = Path(__file__).parents[2] / "deploy/ansible/roles/firewall"
SHOP = {
    "firewall_shopper_interface": "br-lan",
    "firewall_uplink_interface": "eth0",
    "firewall_management_interfaces": ["eth3"],
    "firewall_management_networks": ["10.9.0.0/16", "fd09::/64"],
    "firewall_management_ports": [22, 9100],
}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="not root: needs a network of its own")


def after(tmp_path, *steps):
    """What nft lists in a network of its own after these steps of sh."""
    script = "\n".join(("set -e", *steps, "nft list table inet doorman"))
    done = subprocess.run(
        ["/usr/bin/unshare", "--net", "/bin/sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def box(tmp_path):
    """Files of rules, and what doorman-firewall.service does when it ends."""
    environment = jinja2.Environment(trim_blocks=True, autoescape=False)  # noqa: S701 - no HTML
    text = (ROLE / "templates/closed.nft.j2").read_text()
    (tmp_path / "closed.nft").write_text(environment.from_string(text).render(SHOP))
    (tmp_path / "firewall.nft").write_text(Ruleset("br-lan", "eth0", 8080).text())
    unit = (ROLE / "templates/doorman-firewall.service.j2").read_text()
    (line,) = [each for each in unit.splitlines() if each.startswith("ExecStopPost=")]
    command = shlex.split(line.partition("=")[2])
    ended = command[2].replace("/usr/local/lib/doorman", str(tmp_path))
    (tmp_path / "ended").write_text(ended)
    return tmp_path


@as_root
def test_a_box_without_rules_is_closed_but_for_who_looks_after_it(box):
    listed = after(box, "sh ended")

    assert "policy drop" in listed
    assert 'iifname { "lo", "eth3" } accept' in listed
    assert 'iifname "eth0" ip saddr 10.9.0.0/16 tcp dport { 22, 9100 } accept' in listed
    assert 'iifname "br-lan" udp dport { 67, 547 } accept' in listed
    assert "nd-neighbor-solicit" in listed


@as_root
def test_rules_that_are_loaded_stay_when_others_cannot_be(box):
    loaded = after(box, "nft --file firewall.nft")

    assert after(box, "nft --file firewall.nft", "sh ended") == loaded


@as_root
def test_the_releases_rules_take_the_place_of_those_that_stood_in(box):
    listed = after(box, "sh ended", "nft --file firewall.nft")

    entry = listed.partition("chain input {")[2].partition("}\n")[0]
    assert "jump from_shopper" in entry
    assert "jump closed" not in entry

"""What we give to routers with OpenWrt, as far as it can be looked at without one."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from sniffer import thin
from sniffer.radio.plans import Plan

ROOT = Path(__file__).parents[2]
FILES, DOCS = ROOT / "deploy/openwrt", ROOT / "docs/openwrt.md"
# uci(1), batch: what is said on one line.
UCI = re.compile(
    r"set [a-z]+\.(@?[a-z0-9_-]+(\[-1\])?)(\.[a-z0-9_]+)?='[^']*'"
    r"|add [a-z]+ [a-z-]+|delete [a-z]+\.[a-z0-9_]+"
)
# What rc.common, procd and UCI would give the script.
STAND_INS = """
config_load() { :; }
config_get() {
    case "$2.$3" in
    box.send_to) eval "$1=192.168.2.1:8444" ;;
    box.bundle) eval "$1=/etc/doorman/sensor.pem" ;;
    one.name) eval "$1=mon0" ;;
    one.plan) eval "$1='weighted 1 6 11'" ;;
    two.name) eval "$1=mon1" ;;
    two.plan) eval "$1=" ;;
    esac
}
config_foreach() { "$1" one; "$1" two; }
procd_open_instance() { :; }
procd_close_instance() { :; }
procd_set_param() { [ "$1" != command ] || { shift; printf '%s\\n' "$@"; }; }
procd_append_param() { [ "$1" != command ] || { shift; printf '%s\\n' "$@"; }; }
"""


def test_the_service_starts_the_program_with_words_that_it_knows(tmp_path):
    script = STAND_INS + (FILES / "doorman-sensor.init").read_text() + "\nstart_service\n"
    told = subprocess.run(["dash", "-eu", "-c", script], capture_output=True, text=True, check=True)

    python, program, *arguments = told.stdout.splitlines()
    wanted = thin.wanted(arguments)

    assert (python, Path(program).name) == ("/usr/bin/python3", "doorman-sensor.pyz")
    assert wanted.send_to == ("192.168.2.1", 8444)
    assert wanted.interfaces == ["mon0=weighted 1 6 11", "mon1"]


def test_the_settings_it_reads_are_those_that_are_shipped():
    script = (FILES / "doorman-sensor.init").read_text()
    shipped = (FILES / "doorman-sensor.config").read_text()

    read = set(re.findall(r"config_get \w+ \S+ (\w+)", script))
    options = dict(shlex.split(line)[1:] for line in shipped.splitlines() if "option" in line)

    assert read == set(options)
    assert Plan.read(options["plan"], 10)


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in (FILES / "access-point.uci").read_text().splitlines()
        if line and not line.startswith("#")
    ],
)
def test_each_line_for_the_access_point_is_one_that_uci_reads(line):
    assert UCI.fullmatch(line)


def test_shoppers_are_kept_from_the_access_point_and_from_what_is_behind_it():
    told = dict(
        line.removeprefix("set ").split("=", 1)
        for line in (FILES / "access-point.uci").read_text().splitlines()
        if line.startswith("set ")
    )

    rules = {told[f"firewall.guest.{chain}"] for chain in ("input", "output", "forward")}
    assert rules == {"'REJECT'"}
    assert told["firewall.guest.network"] == told["wireless.guest.network"]
    assert told["network.guest_device.name"] == told["network.guest.device"]
    assert told["network.guest_device.ipv6"] == "'0'"
    assert "firewall disable" not in DOCS.read_text()

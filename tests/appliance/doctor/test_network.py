import json

import pytest

from appliance.doctor import network
from appliance.finding import Grade
from core.setting_groups.network import GateSettings
from core.settings import Settings
from tests.appliance.doctor.machines import machine, told

FOUND = Settings(gate=GateSettings(shopper_interface="br-lan", uplink_interface="wan0"))


def interface(flags=("UP",), families=("inet", "inet6")):
    addresses = [{"family": each} for each in families]
    return json.dumps([{"flags": flags, "operstate": "UP", "addr_info": addresses}])


FILES = {
    "/proc/sys/net/ipv4/ip_forward": "1\n",
    "/proc/sys/net/ipv6/conf/all/forwarding": "1\n",
    "/sys/class/net/wan0/mtu": "1492\n",
    "/sys/class/net/br-lan/brif/lan1/isolated": "1\n",
    "/sys/class/net/br-lan/brif/lan2/isolated": "1\n",
}
PROGRAMS = {
    "ip -json address show dev wan0": interface(),
    "ip -json address show dev br-lan": interface(),
    "ip -json route": '[{"dst": "default", "dev": "wan0"}]',
}


def test_a_box_that_is_set_up_is_well(tmp_path):
    findings = list(network.examine(FOUND, machine(tmp_path, files=FILES, programs=PROGRAMS)))

    assert {each.grade for each in findings} == {Grade.GOOD}
    assert len(findings) == 6


@pytest.mark.parametrize(
    ("files", "programs", "says"),
    [
        ({}, {"ip -json address show dev wan0": ""}, "no interface wan0"),
        ({}, {"ip -json address show dev wan0": interface(flags=())}, "wan0 (internet) is down"),
        ({}, {"ip -json address show dev br-lan": interface(families=["inet6"])}, "no IPv4"),
        ({}, {"ip -json route": "[]"}, "no default route"),
        ({}, {"ip -json route": '[{"dev": "eth9"}]'}, "over eth9, not wan0"),
        ({"/proc/sys/net/ipv4/ip_forward": "0"}, {}, "forwards nothing"),
        ({"/sys/class/net/wan0/mtu": "1200"}, {}, "1200 octets"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(tmp_path, files, programs, says):
    broken = machine(tmp_path, files=FILES | files, programs=PROGRAMS | programs)
    [finding] = told(network.examine(FOUND, broken), Grade.WRONG)

    assert says in finding
    assert not finding.endswith("-> ")


def test_ports_over_which_phones_reach_each_other_are_named(tmp_path):
    shared = {f"/sys/class/net/br-lan/brif/lan{n}/isolated": "0" for n in (1, 2)}
    broken = machine(tmp_path, files=FILES | shared, programs=PROGRAMS)
    [finding] = told(network.examine(FOUND, broken), Grade.WRONG)

    assert "bridge link set dev lan1 isolated on; bridge link set dev lan2 isolated on" in finding

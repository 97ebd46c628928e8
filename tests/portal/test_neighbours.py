import errno
import ipaddress
import os
import subprocess
import sys

import pytest

from core.mac import Mac
from core.setting_groups.network import GateSettings
from core.setting_groups.portal import PortalSettings
from portal import neighbours
from portal.neighbours import KernelNeighbours, LoopbackNeighbours, NeighboursError

# Recorded on Linux 6.18, x86-64: an entry, a question for one that is not there (ENOENT),
# and an entry that was looked for in vain.
KNOWN = bytes.fromhex(
    "4c0000001c00000001000000fb680000020000000300000080000003"
    "080001000a0900020a00020002005e100001000008000400000000001400030013000000130000001300000001000000"
)
UNKNOWN = bytes.fromhex(
    "380000000200000001000000fb680000feffffff"
    "240000001e0001000100000000000000020000000300000000000000080001000a090009"
)
FAILED = bytes.fromhex(
    "400000001c00000001000000fb680000020000000300000020000003"
    "080001000a09000308000400000000001400030083170000130000001300000001000000"
)
REFUSED = UNKNOWN[:16] + (-errno.EINVAL).to_bytes(4, "little", signed=True) + UNKNOWN[20:]

pytestmark = pytest.mark.skipif(sys.byteorder != "little", reason="recorded on little-endian")


def test_reads_the_address_out_of_the_kernels_answer():
    assert neighbours.read_answer(KNOWN) == Mac.parse("02:00:5e:10:00:01")


@pytest.mark.parametrize(
    "answer", [pytest.param(UNKNOWN, id="not there"), pytest.param(FAILED, id="in vain")]
)
def test_whom_the_kernel_does_not_know_is_nobody(answer):
    assert neighbours.read_answer(answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="empty"),
        pytest.param(KNOWN[:10], id="cut in the header"),
        pytest.param(REFUSED, id="refused"),
        pytest.param(KNOWN[:4] + b"\x03" + KNOWN[5:], id="other message"),
        pytest.param(KNOWN[:28] + bytes(48), id="attribute of no length"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_error_that_shows_no_address(answer):
    with pytest.raises(NeighboursError) as caught:
        neighbours.read_answer(answer)
    assert "5e" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.9.0.2", ipaddress.ip_address("10.9.0.2")),
        ("::ffff:10.9.0.2", ipaddress.ip_address("10.9.0.2")),
        ("fe80::1%eth0", ipaddress.ip_address("fe80::1")),
        ("fd50::2", ipaddress.ip_address("fd50::2")),
        ("", None),
        ("unix:", None),
    ],
)
def test_reads_a_peers_address_as_servers_write_it(text, address):
    assert neighbours.read_address(text) == address


def test_on_loopback_each_address_is_always_the_same_phone():
    ours = LoopbackNeighbours()
    macs = {ours.mac_of(f"127.0.0.{host}") for host in range(1, 50)}

    assert len(macs) == 49
    assert ours.mac_of("127.0.0.1") == LoopbackNeighbours().mac_of("::ffff:127.0.0.1")
    assert all(mac.is_randomised and not mac.octets[0] & 1 for mac in macs)


@pytest.mark.parametrize("address", ["10.9.0.2", "192.0.2.1", "fd50::2", "", "nonsense"])
def test_on_loopback_nobody_from_elsewhere_is_made_up(address):
    assert LoopbackNeighbours().mac_of(address) is None


def test_the_setting_chooses(settings):
    demo = settings.model_copy(update={"portal": PortalSettings(neighbours="loopback")})
    store = settings.model_copy(update={"gate": GateSettings(shopper_interface="br-guest")})

    assert isinstance(neighbours.open_neighbours(demo), LoopbackNeighbours)
    assert neighbours.open_neighbours(store) == KernelNeighbours("br-guest")


def test_an_interface_that_is_not_there_is_named():
    with pytest.raises(NeighboursError, match="no-such-if"):
        KernelNeighbours("no-such-if").mac_of("10.9.0.2")


ASK = """
import sys
from portal.neighbours import KernelNeighbours
table = KernelNeighbours("shoppers")
for address in sys.argv[1:]:
    mac = table.mac_of(address)
    print(mac.text() if mac else "nobody")
"""


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a network namespace")
def test_asks_the_real_kernel_for_both_families():
    name = f"doorman-nb-{os.getpid()}"
    inside = ["ip", "netns", "exec", name]

    def run(*command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run("ip", "netns", "add", name)
    try:
        run(*inside, "ip", "link", "add", "shoppers", "type", "veth", "peer", "phone")
        run(*inside, "ip", "link", "set", "shoppers", "up")
        for address, mac in (("10.9.0.2", "02:00:5e:10:00:01"), ("fd50::2", "02:00:5e:10:00:02")):
            entry = ["neigh", "add", address, "lladdr", mac, "dev", "shoppers", "nud", "permanent"]
            run(*inside, "ip", *entry)
        asked = run(
            *inside, sys.executable, "-c", ASK, "10.9.0.2", "::ffff:10.9.0.2", "fd50::2", "10.9.0.3"
        )
    finally:
        run("ip", "netns", "delete", name)

    assert asked.split() == ["02:00:5e:10:00:01"] * 2 + ["02:00:5e:10:00:02", "nobody"]

import errno
import ipaddress
import os
import subprocess
import sys

import pytest

from core.mac import Mac
from core.setting_groups.network import GateSettings
from core.setting_groups.portal import PortalSettings
from gate.client import GateUnavailableError
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
# All entries, on interface 2: one that was confirmed 3.3 s before, and the end of the table.
TABLE = bytes.fromhex(
    "4c0000001c000200010000005b270000020000000200000002000001"
    "08000100c0a83c5d0a00020002000000aa010000080004000100000014000300"
    "4a0100004a0100004a01000001000000"
    "1400000003000200010000005b27000000000000"
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


def test_reads_who_answered_under_which_address_and_when():
    found, is_last = neighbours.read_part(TABLE, 2)

    assert is_last
    assert [(each.mac, str(each.address), each.age_s) for each in found] == [
        (Mac.parse("02:00:00:00:aa:01"), "192.168.60.93", 3.3)
    ]


@pytest.mark.parametrize(
    ("part", "interface", "is_last"),
    [
        pytest.param(TABLE, 3, True, id="another interface"),
        pytest.param(TABLE[:24] + b"\x04" + TABLE[25:], 2, True, id="not sure of late"),
        pytest.param(b"", 2, False, id="empty part"),
        pytest.param(TABLE[76:], 2, True, id="empty table"),
    ],
)
def test_nobody_else_is_in_the_table(part, interface, is_last):
    assert neighbours.read_part(part, interface) == ([], is_last)


def test_who_has_not_answered_of_late_is_known_by_the_address_all_the_same():
    stale = TABLE[:24] + b"\x04" + TABLE[25:]
    phone = (Mac.parse("02:00:00:00:aa:01"), ipaddress.ip_address("192.168.60.93"))

    assert neighbours.read_known(stale, 2) == ([phone], True)
    assert neighbours.read_known(stale, 3) == ([], True)
    # Whoever did not answer at all.
    assert neighbours.read_known(TABLE[:24] + b"\x20" + TABLE[25:], 2) == ([], True)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(TABLE[:20], id="cut in the entry"),
        pytest.param(REFUSED, id="refused"),
        pytest.param(bytes(4) + TABLE[4:], id="entry of no length"),
        pytest.param(TABLE[:28] + bytes(48) + TABLE[76:], id="attribute of no length"),
    ],
)
def test_a_table_that_makes_no_sense_is_an_error(part):
    with pytest.raises(NeighboursError):
        neighbours.read_part(part, 2)


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
    with pytest.raises(NeighboursError, match="no-such-if"):
        KernelNeighbours("no-such-if").confirmations()


ASK = """
import sys
from core.mac import Mac
from portal.neighbours import KernelNeighbours
table = KernelNeighbours("shoppers")
for address in sys.argv[1:]:
    mac = table.mac_of(address)
    print(mac.text() if mac else "nobody")
print(len(table.confirmations()))
known = table.addresses()
print(len(known))
for number in (1, 2):
    print(*known[Mac.parse(f"02:00:5e:10:00:0{number}")])
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
        # As many as need more than one part of an answer.
        batch = "".join(
            f"neigh add 10.9.{1 + number // 250}.{1 + number % 250} dev shoppers nud reachable"
            f" lladdr 02:00:5e:20:{number // 250:02x}:{number % 250:02x}\n"
            for number in range(600)
        )
        subprocess.run(
            [*inside, "ip", "-batch", "-"], check=True, input=batch, text=True, capture_output=True
        )
        asked = run(
            *inside, sys.executable, "-c", ASK, "10.9.0.2", "::ffff:10.9.0.2", "fd50::2", "10.9.0.3"
        )
    finally:
        run("ip", "netns", "delete", name)

    *by_address, confirmed, known, first, second = asked.split()
    assert by_address == ["02:00:5e:10:00:01"] * 2 + ["02:00:5e:10:00:02", "nobody"]
    assert (confirmed, known) == ("600", "602")
    assert (first, second) == ("10.9.0.2", "fd50::2")


class Witness:
    """A gate that knows one guest of a gateway of another make."""

    def __init__(self, error=None):
        self.error = error

    def phone_at(self, address):
        if self.error:
            raise self.error
        return "02:00:00:00:00:0a" if address == "192.168.1.23" else None


@pytest.mark.parametrize("address", ["192.168.1.23", "::ffff:192.168.1.23"], ids=["v4", "mapped"])
def test_another_gateway_says_who_has_an_address(address):
    found = neighbours.GuestsOfGateway(Witness()).mac_of(address)

    assert found.text() == "02:00:00:00:00:0a"


@pytest.mark.parametrize("address", ["192.168.1.24", "", "unix:"])
def test_whom_the_other_gateway_does_not_know_is_nobody(address):
    assert neighbours.GuestsOfGateway(Witness()).mac_of(address) is None


def test_another_gateway_that_says_nothing_is_an_error_and_not_nobody():
    silent = neighbours.GuestsOfGateway(Witness(GateUnavailableError("no answer")))

    with pytest.raises(NeighboursError, match="no answer"):
        silent.mac_of("192.168.1.23")

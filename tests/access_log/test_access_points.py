import struct

import pytest

from access_log import access_points
from access_log.access_points import Point
from core.mac import Mac

ALICE, BOB, OURS = (Mac.parse(f"02:00:00:00:00:{each}") for each in ("0a", "0b", "01"))
BSSID = "02:00:00:00:01:00"


def entry(mac, port, *, is_own=False):
    return struct.pack("=6sBBIB3x", mac.octets, port & 0xFF, is_own, 5, port >> 8)


@pytest.fixture
def system(tmp_path):
    """A bridge over a radio and a cable, as the kernel shows it; the second port is the 258th."""
    network = tmp_path / "class/net"
    for name, number in (("wlan0", 1), ("eth1", 258)):
        port = network / f"br0/brif/{name}"
        port.mkdir(parents=True)
        (port / "port_no").write_text(f"0x{number:x}\n")
        (network / name).mkdir()
        (network / name / "address").write_text(f"{BSSID}\n")
    (network / "wlan0/phy80211").mkdir()
    learnt = entry(ALICE, 1) + entry(BOB, 258) + entry(OURS, 1, is_own=True)
    (network / "br0/brforward").write_bytes(learnt)
    return tmp_path


def test_a_phone_is_at_the_radio_or_the_port_that_the_bridge_hears_it_by(system):
    assert access_points.of_phones("br0", system) == {
        ALICE: Point("wlan0", BSSID),
        BOB: Point("eth1", ""),
    }


def test_a_radio_that_is_no_bridge_has_all_phones(system):
    assert access_points.of_interface("wlan0", system) == Point("wlan0", BSSID)
    assert access_points.of_interface("eth1", system) is None
    assert access_points.of_phones("eth1", system) == {}


def test_what_is_not_there_or_cut_off_says_nothing_of_it(system):
    learnt = system / "class/net/br0/brforward"
    learnt.write_bytes(learnt.read_bytes()[:-20])

    assert access_points.of_phones("br0", system) == {ALICE: Point("wlan0", BSSID)}
    assert access_points.of_phones("br9", system) == {}

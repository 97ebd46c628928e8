"""Networks that the roles describe, on Debian's kernel: PPPoE, VLANs, a delegated prefix, Wi-Fi.

The files are those that the roles' templates make; systemd-networkd, pppd, dnsmasq, hostapd and
nft are Debian's.
"""

import os
import platform
import shutil

import pytest

from gate.ruleset import Ruleset
from tests.deploy.rendering import described, rendered
from tests.kernel import networks_air, networks_guest, networks_provider
from tests.kernel.machine import missing

_PROGRAMS = (
    *("hostapd", "wpa_supplicant", "wpa_cli", "iw", "dnsmasq", "udhcpc", "nft"),
    *("pppd", "pppoe-server", "kea-dhcp6"),
)
_missing = missing() + [name for name in _PROGRAMS if not shutil.which(name)]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.deploy,  # beside the whole of the tests it is too slow to be sure
    pytest.mark.timeout(1260),  # the machine has its own, of 1200 s
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot read all of the file system"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the machine emulated is an x86-64"),
    pytest.mark.skipif(bool(_missing), reason=f"not installed: {', '.join(_missing)}"),
]

STORE = {
    "shop_country": "CN",
    "shop_portal_name": "wifi.example.com",
    "shop_uplink_kind": "pppoe",
    "shop_uplink_port": "line",
    "shop_uplink_interface": "wan0",
    "shop_uplink_delegation": True,
    "shop_pppoe_user": networks_provider.USER,
    "shop_pppoe_password": networks_provider.PASSWORD,
    "shop_vlans": [
        {"name": "line", "port": "eth0", "id": networks_provider.LINE},
        {"name": "guests", "port": "eth1", "id": networks_guest.GUESTS},
        {"name": "aps", "port": "eth1", "id": networks_guest.ACCESS_POINTS},
    ],
    "shop_shopper_interface": "br-lan",
    "shop_shopper_ports": ["guests", "eth2"],
    "shop_management_interfaces": ["aps"],
    "shop_management_addresses": {"aps": f"{networks_guest.MANAGED}/24"},
    "shop_guest_network": networks_air.NETWORK,
    "shop_guest_password": networks_air.PASSWORD,
    "shop_access_points": [
        {"interface": "wlan0", "channel": 6},
        {"interface": "wlan1", "channel": 36, "security": "owe-transition"},
        {"interface": "wlan2", "channel": 149, "security": "wpa-transition"},
    ],
}
BY_LEASE = STORE | {
    "shop_uplink_kind": "dhcp",
    "shop_uplink_interface": "line",
    "shop_uplink_delegation": False,
}
del BY_LEASE["shop_uplink_port"]
BY_THE_LINE = ["wan0"]
# What is left of 1492 octets less the headers of IP and TCP, and its time stamps.
SEGMENT_BY_LEASE = 1500 - 20 - 20 - 12
SEGMENT, SEGMENT6 = 1492 - 20 - 20 - 12, 1492 - 40 - 20 - 12


def written(folder):
    """The files of that store, as its box would have them."""
    files = {f"network/{name}": text for name, text in described(STORE).items()}
    files["peers/doorman"] = rendered("network", "pppoe.peer.j2", STORE)
    files["dnsmasq.conf"] = rendered("resolver", "dnsmasq.conf.j2", STORE)
    for radio in STORE["shop_access_points"]:
        text = rendered("access_point", "hostapd.conf.j2", STORE, item=radio)
        files[f"hostapd/{radio['interface']}.conf"] = text
    files["rules.nft"] = rules(STORE)
    files["by_lease/rules.nft"] = rules(BY_LEASE)
    files |= {f"by_lease/network/{name}": text for name, text in described(BY_LEASE).items()}
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def rules(shop):
    return Ruleset(
        shop["shop_shopper_interface"],
        shop["shop_uplink_interface"],
        portal_port=8080,
        management_interfaces=tuple(shop["shop_management_interfaces"]),
    ).text()


@pytest.fixture(scope="module")
def found(machine, tmp_path_factory):
    return machine.found(networks_guest, written(tmp_path_factory.mktemp("store")))


def test_the_way_out_is_the_line_that_was_dialled(found):
    assert found["ways_out"] == BY_THE_LINE


def test_a_phone_passes_by_the_line_once_it_is_online(found):
    assert found["offline"] is None
    assert found["online"][0] == networks_provider.FROM_PROVIDER


def test_what_a_phone_sends_and_gets_fits_the_line_though_nobody_says_how_wide_it_is(found):
    assert found["online"][1] == SEGMENT
    assert found["online6"][1] == SEGMENT6
    assert set(found["segments"]) == {SEGMENT, SEGMENT6}


def test_phones_have_addresses_of_the_prefix_that_the_provider_delegates(found):
    assert found["delegated"]


def test_a_line_that_was_cut_is_dialled_again(found):
    assert found["hung_up"]
    assert found["dialled_again"]
    assert found["online_again"]


def test_the_line_is_left_alone_when_systemd_networkd_starts_anew(found):
    assert found["ways_out_at_last"] == BY_THE_LINE
    assert found["online_at_last"]


def test_a_provider_that_gives_leases_in_the_vlan_leads_phones_to_the_web_as_well(found):
    assert found["leased"]
    assert found["ways_out_by_lease"] == ["line"]
    assert found["advertised"]
    assert found["online_by_lease"] == [networks_provider.LEASED, SEGMENT_BY_LEASE]


def test_the_guests_vlan_is_given_addresses_and_no_other_of_its_trunk(found):
    assert found["lease"]
    assert found["cable_lease"]
    assert found["other_leases"] == [False, False]


def test_guests_reach_nobody_on_the_trunk_and_nothing_of_the_box(found):
    assert found["guest_reaches"] == []
    assert found["guest_reaches_phone_if_not_isolated"]


def test_an_access_point_reaches_the_box_that_looks_after_it_and_no_phone(found):
    assert found["access_reaches_box"]
    assert not found["access_reaches_phone"]


def test_each_network_of_each_radio_is_a_port_of_its_own_also_when_it_comes_again(found):
    assert found["isolated"]
    assert found["isolated_again"]


def test_a_phone_that_knows_owe_is_led_from_the_open_network_to_the_encrypted_one(found):
    assert found["open_and_owe"] == [["NONE", "02:00:00:00:00:00"], ["OWE", "02:00:00:00:01:01"]]
    assert found["open_and_owe_get_answers"] == [True, True]


def test_one_password_is_for_phones_of_wpa2_and_of_wpa3(found):
    assert [how for how, _ in found["wpa2_and_wpa3"]] == ["WPA2-PSK", "SAE"]
    assert found["wpa2_and_wpa3_get_answers"] == [True, True]


def test_phones_on_the_air_do_not_reach_each_other(found):
    assert not found["open_and_owe_reach_each_other"]
    assert not found["wpa2_and_wpa3_reach_each_other"]
    assert found["reach_each_other_if_not_isolated"]


def test_hostapd_names_no_phone_in_its_log(found):
    assert found["logged"] == []

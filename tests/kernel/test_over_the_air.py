"""The guest Wi-Fi itself, on Debian's kernel: hostapd, two phones and a sensor on simulated radios.

Doorman's own parts in it are the rules, the gate, the redirection of probes and the sensor's ear.
"""

import os
import platform
import shutil

import pytest

from tests.kernel import air_guest
from tests.kernel.machine import missing

_PROGRAMS = ("hostapd", "wpa_supplicant", "iw", "dnsmasq", "udhcpc", "nft")
_missing = missing() + [name for name in _PROGRAMS if not shutil.which(name)]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1260),  # the machine has its own, of 1200 s
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot read all of the file system"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the machine emulated is an x86-64"),
    pytest.mark.skipif(bool(_missing), reason=f"not installed: {', '.join(_missing)}"),
]

LED_TO_THE_PORTAL = [302, f"{air_guest.PORTAL_URL}/"]
OPEN = [204, None]


@pytest.fixture(scope="module")
def found(machine):
    return machine.found(air_guest)


def test_both_phones_get_a_lease_over_the_air(found):
    assert found["leases"]


def test_a_phone_is_led_to_the_portal_until_it_is_admitted(found):
    assert found["before"] == LED_TO_THE_PORTAL
    assert found["online"] == OPEN


def test_the_phone_beside_it_is_not_let_in_with_it(found):
    assert found["other"] == LED_TO_THE_PORTAL


def test_a_phone_that_is_revoked_is_cut_in_mid_download(found):
    assert found["cut"]
    assert found["after"] == LED_TO_THE_PORTAL


def test_phones_on_one_radio_reach_each_other_only_if_nobody_isolates_them(found):
    assert not found["reaches_other"]
    assert found["reaches_other_if_not_isolated"]


def test_the_sensor_hears_both_phones_look_for_the_network(found):
    assert found["heard"]


def test_a_radio_may_listen_where_the_regulations_let_it(found):
    # Simulated radios have a band at 900 MHz as well, of half megahertz, which is no Wi-Fi.
    ours, by_iw = (
        sorted(mhz for mhz in found[who] if mhz > 2000) for who in ("channels", "channels_by_iw")
    )

    assert ours == by_iw
    assert {2412, 5180} <= set(ours)


def test_the_sensor_hears_on_each_channel_that_its_plan_leads_to(found):
    assert found["problem"] is None
    assert found["heard_on_both"]


def test_a_radio_that_lost_monitor_mode_is_mended_and_heard_on_again(found):
    assert found["made_managed"]
    assert found["mended"]
    assert found["heard_again"]


def test_a_radio_that_is_pulled_out_is_missed_and_heard_on_when_it_is_back(found):
    assert "wlan3" in found["gone"]
    assert found["heard_when_back"]


def test_a_radio_that_an_access_point_needs_is_not_moved(found):
    assert found["shared_is_up"]
    assert "wlan0" in found["shared"]

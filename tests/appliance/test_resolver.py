import os
import subprocess
import sys

import pytest

from core import webhook_signature


def resolver(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "appliance", "resolver", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | variables,
    )


def test_prints_lines_for_dnsmasq_by_the_settings():
    assert "icloud" not in resolver("--dnsmasq").stdout
    assert (
        "address=/mask.icloud.com/\n"
        in resolver("--dnsmasq", DOORMAN_RESOLVER__PRIVATE_RELAY="refuse").stdout
    )


def test_prints_the_hosts_of_the_garden_and_those_of_passes_where_passes_are_given():
    hosts = {
        "DOORMAN_GATE__GARDEN_HOSTS": '["shop.example"]',
        "DOORMAN_PASSES__HOSTS": '["wx.qq.com"]',
    }
    given = resolver("--dnsmasq", DOORMAN_PASSES__PER_DAY="1", **hosts).stdout
    assert "nftset=/shop.example/4#inet#doorman#garden4," in given
    assert "nftset=/wx.qq.com/4#inet#doorman#pass4," in given

    none_given = resolver("--dnsmasq", DOORMAN_PASSES__PER_DAY="0", **hosts).stdout
    assert "garden4" in none_given
    assert "pass4" not in none_given


def test_a_pass_leads_to_headquarters():
    lines = resolver(
        "--dnsmasq",
        DOORMAN_PASSES__PER_DAY="1",
        DOORMAN_HEADQUARTERS__URL="https://hq.chain.example:8443/",
        DOORMAN_HEADQUARTERS__KEY=webhook_signature.write_key(bytes(32)),
    ).stdout

    assert "nftset=/hq.chain.example/4#inet#doorman#pass4," in lines
    assert "nftset=/wxaurl.cn/4#inet#doorman#pass4," in lines


def test_a_garden_host_is_a_name_and_nothing_else():
    refused = resolver("--dnsmasq", DOORMAN_GATE__GARDEN_HOSTS='["shop.example/8.8.8.8"]')

    assert refused.returncode != 0
    assert "garden_hosts" in refused.stderr


@pytest.mark.parametrize(
    ("url", "is_led_here", "is_told"),
    [
        pytest.param("https://wifi.store.test", True, True, id="https"),
        pytest.param("http://wifi.store.test", True, False, id="http"),
        pytest.param("http://192.168.50.1", False, False, id="an address"),
    ],
)
def test_the_portals_name_leads_to_the_box_whether_or_not_phones_are_told_of_an_api(
    url, is_led_here, is_told
):
    lines = resolver(
        "--dnsmasq", DOORMAN_PORTAL__URL=url, DOORMAN_GATE__SHOPPER_INTERFACE="guests0"
    ).stdout

    assert ("interface-name=wifi.store.test,guests0\n" in lines) is is_led_here
    assert ("dhcp-optsfile=" in lines) is is_told


def test_dnsmasq_runs_the_lease_script_only_where_one_was_saved(tmp_path):
    data = {"DOORMAN_DATA_DIR": str(tmp_path)}
    assert "dhcp-script" not in resolver("--dnsmasq", **data).stdout

    lines = resolver("--dnsmasq", DOORMAN_CLONES__LEASE_SCRIPT="/etc/doorman/lease", **data).stdout
    assert "dhcp-script=/etc/doorman/lease\n" in lines
    assert f"dhcp-scriptuser={tmp_path.owner()}\n" in lines


def test_prints_a_lease_script_that_writes_where_the_jobs_read(tmp_path):
    script = resolver("--lease-script", DOORMAN_DATA_DIR=str(tmp_path)).stdout

    assert script.startswith("#!/bin/sh\n")
    assert str(tmp_path / "lease-requests") in script

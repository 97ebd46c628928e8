import shutil
import subprocess

import pytest

from portal.resolver import dnsmasq


@pytest.mark.parametrize("refuse", [False, True], ids=["allow", "refuse"])
@pytest.mark.skipif(not shutil.which("dnsmasq"), reason="not installed: dnsmasq")
def test_dnsmasq_understands_every_line(tmp_path, refuse):
    file = tmp_path / "dnsmasq.conf"
    hosts = {"garden": ["shop.example"], "passes": ["shop.example", "wx.qq.com"]}
    file.write_text(dnsmasq.configuration(refuse_private_relay=refuse, **hosts))

    command = ["dnsmasq", "--test", f"--conf-file={file}"]
    assert (
        "syntax check OK"
        in subprocess.run(command, check=True, capture_output=True, text=True).stderr
    )


def test_private_relay_is_refused_only_when_asked_for():
    assert "icloud" not in dnsmasq.configuration(refuse_private_relay=False)
    assert "address=/mask.icloud.com/\n" in dnsmasq.configuration(refuse_private_relay=True)


def lines(**hosts):
    return dnsmasq.configuration(refuse_private_relay=False, **hosts).splitlines()


def test_addresses_of_hosts_are_told_to_the_firewall_and_not_cached_for_long():
    garden = "4#inet#doorman#garden4,6#inet#doorman#garden6"
    of_pass = "4#inet#doorman#pass4,6#inet#doorman#pass6"

    found = lines(garden=["shop.example"], passes=["wx.qq.com"])
    assert f"nftset=/shop.example/{garden}" in found
    assert f"nftset=/wx.qq.com/{of_pass}" in found
    assert "max-cache-ttl=300" in found
    assert not [each for each in lines() if "nftset" in each or "ttl" in each]


def test_a_name_below_a_name_of_the_other_kind_is_of_both_kinds():
    garden = "4#inet#doorman#garden4,6#inet#doorman#garden6"
    of_pass = "4#inet#doorman#pass4,6#inet#doorman#pass6"

    assert f"nftset=/wx.qq.com/{garden},{of_pass}" in lines(garden=["qq.com"], passes=["wx.qq.com"])
    assert f"nftset=/qq.com/{garden},{of_pass}" in lines(garden=["qq.com"], passes=["qq.com"])
    assert f"nftset=/wxqq.com/{of_pass}" in lines(garden=["qq.com"], passes=["wxqq.com"])

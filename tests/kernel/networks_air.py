"""The guests' Wi-Fi by role access_point's files, and two phones that join it in each of its ways.

wlan0                open
wlan1, wlan1-owe     open, and encrypted without a password for phones that can
wlan2                WPA3 and WPA2 with a password
"""

import contextlib
import json
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.kernel.commands import run, told, until

NETWORK, PASSWORD = "湖滨 Wi-Fi", "on the poster"
RADIOS = ("wlan0", "wlan1", "wlan2")
_SSH = 22
_WITH_PASSWORD = (f'psk="{PASSWORD}"', "ieee80211w=1")
# What each of the two phones is told, beside the network's name; the first number is a frequency.
_WAYS = {
    "open_and_owe": (("2437", "key_mgmt=NONE"), ("5180", "key_mgmt=OWE", "ieee80211w=2")),
    "wpa2_and_wpa3": (
        ("5745", "key_mgmt=WPA-PSK", *_WITH_PASSWORD),
        ("5745", "key_mgmt=SAE", *_WITH_PASSWORD),
    ),
}


def on_the_air(box: Any, radios: dict[str, Any], phones: list[Any]) -> dict[str, Any]:
    ports = {*RADIOS, "wlan1-owe"}
    found: dict[str, Any] = {"isolated": until(lambda: isolated() >= ports)}
    for number, phone in enumerate(phones, 1):
        phone.place.run("ip", "address", "add", f"192.168.50.{number}0/24", "dev", phone.interface)
    one, two = phones
    listening = two.place.call(lambda: socket.create_server(("", _SSH)))
    for way, settings in _WAYS.items():
        joined = [_joined(phone, *words) for phone, words in zip(phones, settings, strict=True)]
        found[way] = [
            until(lambda: _has_joined(phone)) and _how(phone)  # noqa: B023 - as below
            for phone in phones
        ]
        found[f"{way}_get_answers"] = [
            until(lambda: phone.is_answered_by("192.168.50.1"))  # noqa: B023 - called at once
            for phone in phones
        ]
        found[f"{way}_reach_each_other"] = one.reaches("192.168.50.20")
        if way == "open_and_owe":
            for port in ("wlan0", "wlan1-owe"):
                run("bridge", "link", "set", "dev", port, "isolated", "off")
            found["reach_each_other_if_not_isolated"] = one.reaches("192.168.50.20", 60)
        for process in joined:
            process.terminate()
            process.wait()
        told(way)
    listening.close()
    radios["wlan0"].terminate()
    radios["wlan0"].wait()
    box.serve("wlan0")
    found["isolated_again"] = until(lambda: "wlan0" in isolated())
    found["logged"] = [line for line in box.log("hostapd").splitlines() if " STA " in line]
    return found


def isolated() -> set[str]:
    """Ports of the shoppers' bridge that carry nothing to each other."""
    shown = json.loads(run("bridge", "-details", "-json", "link"))
    return {
        port["ifname"] for port in shown if port.get("master") == "br-lan" and port.get("isolated")
    }


def _joined(phone: Any, mhz: str, *settings: str) -> "subprocess.Popen[bytes]":
    network = (f"ssid={NETWORK.encode().hex()}", f"scan_freq={mhz}", f"freq_list={mhz}", *settings)
    lines = ["ctrl_interface=/run/wpa", "network={", *network, "}"]
    file = Path("/dev/tmp", f"{phone.interface}.conf")
    file.write_text("\n".join(lines) + "\n")
    join = ("wpa_supplicant", "-i", phone.interface, "-c", file)
    return subprocess.Popen(phone.place.command(*join), stdout=subprocess.DEVNULL)


def _has_joined(phone: Any) -> bool:
    return _status(phone).get("wpa_state") == "COMPLETED"


def _how(phone: Any) -> list[str]:
    """Whether a password or none, and which access point."""
    status = _status(phone)
    return [status["key_mgmt"], status["bssid"]]


def _status(phone: Any) -> dict[str, str]:
    ask = ("wpa_cli", "-s", "/dev/tmp", "-p", "/run/wpa", "-i", phone.interface, "status")
    with contextlib.suppress(RuntimeError):
        lines = phone.place.run(*ask).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
    return {}

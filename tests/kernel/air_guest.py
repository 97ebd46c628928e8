"""What runs inside the machine with radios: an open Wi-Fi, two phones, and the gate behind it.

phone1 ~~~ (radio 1)                          internet
phone2 ~~~ (radio 2) ~~~ (radio 0) [br-lan]   wan0 ---- eth0 203.0.113.1
            monitor (radio 3)
passer-by ~ (radio 4)
"""

import contextlib
import http.client
import http.server
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import wsgiref.simple_server
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gate.client import GateClient
from gate.ruleset import Ruleset
from portal.probes import Redirect
from sniffer.capture.listener import Listener
from sniffer.frames import Frame, ProbeRequest, decode
from sniffer.intake import Intake
from sniffer.radio.plans import Plan
from sniffer.radio.tuner import Tuner
from tests.kernel.commands import PATIENCE_S, hand_out, run, told
from tests.kernel.listening import listening
from tests.lab.namespace import Namespace

SSID = "StoreWiFi"
PORTAL_URL = "http://wifi.store.test"
PORTAL_PORT = 8080
WEB = "203.0.113.1"
TALK_PORT = 5555

_HOSTAPD = f"""\
interface=wlan0
bridge=br-lan
driver=nl80211
ssid={SSID}
hw_mode=g
channel=6
ap_isolate=1
ctrl_interface={{folder}}/hostapd
"""
_WPA_SUPPLICANT = f"""\
network={{
    ssid="{SSID}"
    scan_ssid=1
    key_mgmt=NONE
}}
"""
_DNSMASQ = """\
port=0
user=root
interface=br-lan
bind-dynamic
no-ping
dhcp-range=192.168.50.50,192.168.50.99,10m
dhcp-leasefile={folder}/leases
pid-file=
"""
_LEASE = """\
#!/bin/sh
if [ "$1" = bound ]; then
    ip address replace "$ip/$mask" dev "$interface"
    ip route replace default via "$router" dev "$interface"
fi
"""


class Pages(http.server.BaseHTTPRequestHandler):
    """The internet: 204 for everything, and lines without end under /endless."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/endless" else 204)
        self.end_headers()
        with contextlib.suppress(OSError):
            while self.path == "/endless":
                self.wfile.write(b"still here\n")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


class Portal(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Air:
    """The radios and what is set up on them, by the real programs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.phones = {name: Namespace(name) for name in ("phone1", "phone2")}
        self.internet = Namespace("internet")
        run("mount", "-t", "tmpfs", "none", "/run")
        run("ip", "link", "set", "lo", "up")
        for name in (*self.phones, "internet"):
            run("ip", "netns", "add", name)
        for radio, name in enumerate(self.phones, 1):
            run("iw", "phy", f"phy{radio}", "set", "netns", "name", name)
        self._lay_cables()

    def _lay_cables(self) -> None:
        run("ip", "link", "add", "br-lan", "type", "bridge")
        run("ip", "address", "add", "192.168.50.1/24", "dev", "br-lan")
        run("ip", "link", "set", "br-lan", "up")
        peer = ("peer", "name", "eth0", "netns", "internet")
        run("ip", "link", "add", "wan0", "type", "veth", *peer)
        run("ip", "address", "add", "203.0.113.2/24", "dev", "wan0")
        run("ip", "link", "set", "wan0", "up")
        run(*self.internet.command("ip", "address", "add", f"{WEB}/24", "dev", "eth0"))
        run(*self.internet.command("ip", "link", "set", "eth0", "up"))
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def open_wifi(self) -> None:
        run("hostapd", "-B", self._write("hostapd.conf", _HOSTAPD.format(folder=self._folder)))
        settings = self._write("dnsmasq.conf", _DNSMASQ.format(folder=self._folder))
        run("dnsmasq", f"--conf-file={settings}")

    def isolate_no_more(self) -> None:
        tell = ("hostapd_cli", "-s", self._folder, "-p", self._folder / "hostapd", "-i", "wlan0")
        run(*tell, "set", "ap_isolate", "0")
        run(*tell, "update_beacon")

    def join(self) -> dict[str, str]:
        """Both phones at once: associate, and take a lease over the air; their IP addresses."""
        settings, script = self._write("wpa.conf", _WPA_SUPPLICANT), self._write("lease", _LEASE)
        script.chmod(0o755)
        leasing = []
        for radio, place in enumerate(self.phones.values(), 1):
            run(*place.command("wpa_supplicant", "-B", "-i", f"wlan{radio}", "-c", settings))
            ask = ("udhcpc", "-i", f"wlan{radio}", "-f", "-q", "-n", "-t", "120", "-T", "1")
            leasing.append(subprocess.Popen(place.command(*ask, "-s", script)))
        for process in leasing:
            if process.wait():
                raise RuntimeError("no lease over the air")
        leases = [line.split() for line in (self._folder / "leases").read_text().splitlines()]
        return {mac: address for _, mac, address, *_ in leases}

    def _write(self, name: str, text: str) -> Path:
        file = self._folder / name
        file.write_text(text)
        return file


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    os.environ["PATH"] = "/usr/sbin:/usr/bin"
    found: dict[str, Any] = {}
    air = Air(folder)
    told("radios are up")
    rules = folder / "rules.nft"
    rules.write_text(Ruleset("br-lan", "wan0", PORTAL_PORT).text())
    run("nft", "-f", rules)
    told("rules are loaded")
    gate = subprocess.Popen(
        [sys.executable, "-B", "-m", "gate", f"--socket={folder}/gate", "--kind=nftables"]
    )
    on_channel_6 = contextlib.ExitStack()
    on_channel_6.enter_context(Tuner("wlan3", Plan.read("fixed 6", stay_s=10)))
    heard = hear("wlan3")
    air.open_wifi()
    serve(air.internet.call(lambda: http.server.ThreadingHTTPServer((WEB, 80), Pages)))
    portal = wsgiref.simple_server.make_server("", PORTAL_PORT, no_page, Portal, Quiet)
    portal.set_app(Redirect(no_page, PORTAL_URL))
    serve(portal)
    leases = air.join()
    told("both have a lease")
    one, two = air.phones.values()
    mac, other = address_of(one, 1), address_of(two, 2)
    found["leases"] = leases.keys() == {mac, other}
    found["before"] = one.call(lambda: ask("/generate_204"))

    client = GateClient(folder / "gate", timeout_s=20)
    client.admit(mac, 600)
    found["online"] = one.call(lambda: ask("/generate_204"))
    found["other"] = two.call(lambda: ask("/generate_204"))
    found["cut"] = one.call(lambda: ends(lambda: client.revoke(mac)))
    found["after"] = one.call(lambda: ask("/generate_204"))
    told("gate is done")

    serve(two.call(lambda: http.server.ThreadingHTTPServer(("", TALK_PORT), Pages)))
    found["reaches_other"] = one.call(lambda: reaches(leases[other], within_s=5))
    air.isolate_no_more()
    found["reaches_other_if_not_isolated"] = one.call(
        lambda: reaches(leases[other], within_s=PATIENCE_S)
    )
    found["heard"] = {(mac, 2437), (other, 2437)} <= set(heard)
    on_channel_6.close()
    found |= listening(heard)
    gate.terminate()
    gate.wait(20)
    hand_out(found)


def address_of(place: Namespace, radio: int) -> str:
    shown = run(*place.command("ip", "-o", "link", "show", f"wlan{radio}"))
    return shown.partition("link/ether ")[2].split()[0]


def hear(interface: str) -> list[tuple[str, int | None]]:
    """Senders and frequencies of probe requests, as our own sensor reads them; the list grows."""
    heard: list[tuple[str, int | None]] = []

    def listen() -> None:
        with Intake([Listener(interface, silent_after_s=60)]) as intake:
            for each in intake:
                found = decode(each.data, each.link_type) if isinstance(each, Frame) else None
                if isinstance(found, ProbeRequest):
                    heard.append((found.sender.text(), found.frequency_mhz))

    threading.Thread(target=listen, daemon=True).start()
    return heard


def ask(path: str) -> tuple[int, str | None]:
    """What a request for a page on the internet gets: status, and where it leads."""
    connection = http.client.HTTPConnection(WEB, timeout=PATIENCE_S)
    connection.request("GET", path)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers["Location"]


def ends(cut: Callable[[], None]) -> bool:
    """Whether a download without end, once begun, ends when it is cut."""
    with socket.create_connection((WEB, 80), timeout=PATIENCE_S) as download:
        download.sendall(b"GET /endless HTTP/1.0\r\n\r\n")
        download.recv(100)
        cut()
        deadline = time.monotonic() + PATIENCE_S
        try:
            while time.monotonic() < deadline:
                download.recv(1000)
        except ConnectionResetError:
            return True
    return False


def reaches(address: str, within_s: float) -> bool:
    try:
        socket.create_connection((address, TALK_PORT), timeout=within_s).close()
    except OSError:
        return False
    return True


def no_page(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


def serve(server: socketserver.BaseServer) -> None:
    threading.Thread(target=server.serve_forever, daemon=True).start()


if __name__ == "__main__":
    main()

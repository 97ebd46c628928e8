"""What runs inside the machine with VLANs, PPPoE and radios: a store set up by the roles' files.

    provider ====== eth0 [box] eth1 ====== access point: VLAN 20 guests, 30 its own
     (a line in VLAN 35)       eth2 ------ a phone on a cable
                               wlan0-2 ~~~ two phones (radios 3 and 4)

The box is the machine itself, each other place a namespace. What is here knows no role: it starts
on their files what they would have systemd start.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from gate.client import GateClient, GateUnavailableError
from tests.kernel.commands import PATIENCE_S, hand_out, run, succeeds, told, until
from tests.kernel.networks_air import RADIOS, isolated, on_the_air
from tests.kernel.networks_provider import WEB, WEB6, Provider, fetched
from tests.lab.namespace import Namespace

GUESTS, ACCESS_POINTS = 20, 30
BOX, MANAGED, ACCESS_POINT = "192.168.50.1", "10.9.0.1", "10.9.0.2"
_SSH = 22
# The only place to write.
_FOLDER = Path("/dev/tmp/store")
_LEASE = """\
#!/bin/sh
if [ "$1" = bound ]; then
    ip address replace "$ip/$mask" dev "$interface"
    ip route replace default via "$router" dev "$interface"
fi
"""


class Box:
    """What systemd does on a real one, by the files that it is given."""

    def __init__(self, given: Path) -> None:
        _make_writable(given)
        run("ip", "link", "set", "lo", "up")

    def set_up_networks(self) -> None:
        self._networkd = self._start("/lib/systemd/systemd-networkd")
        until(lambda: f"{BOX}/" in _addresses() and f"{MANAGED}/" in _addresses())
        until(lambda: isolated() == {"eth2", "guests"})

    def restart_networkd(self, way_out: str = "wan0") -> None:
        """As an update of Debian does."""
        configured = f"{way_out}: Configuring with "
        self._networkd.terminate()
        self._networkd.wait(PATIENCE_S)
        (_FOLDER / "systemd-networkd.log").unlink()
        self._networkd = self._start("/lib/systemd/systemd-networkd")
        until(lambda: configured in self.log("systemd-networkd"))

    def dial(self) -> None:
        self._line = self._start("pppd", "call", "doorman", "nodetach")
        until(lambda: ways_out() != [])

    def change_provider(self) -> None:
        """To the files of a store whose provider gives leases in the VLAN."""
        self._line.terminate()
        self._line.wait(PATIENCE_S)
        for file in (_FOLDER / "network").iterdir():
            file.unlink()
        shutil.copytree(_FOLDER / "by_lease" / "network", _FOLDER / "network", dirs_exist_ok=True)
        run("nft", "-f", _FOLDER / "by_lease" / "rules.nft")
        self.restart_networkd("line")

    def open_gate(self) -> GateClient:
        """Rules, addresses and the gate; who may steer it."""
        run("nft", "-f", _FOLDER / "rules.nft")
        run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        run("dnsmasq", f"--conf-file={_FOLDER}/dnsmasq.conf")
        self._start(sys.executable, "-B", "-m", "gate", "--socket=/run/gate", "--kind=nftables")
        client = GateClient(Path("/run/gate"), timeout_s=20)

        def answers() -> bool:
            with contextlib.suppress(GateUnavailableError):
                client.kind()
                return True
            return False

        until(answers)
        return client

    def serve(self, radio: str) -> "subprocess.Popen[bytes]":
        return self._start("hostapd", _FOLDER / "hostapd" / f"{radio}.conf")

    def log(self, program: str) -> str:
        return (_FOLDER / f"{program}.log").read_text()

    def _start(self, *command: object) -> "subprocess.Popen[bytes]":
        words = [str(word) for word in command]
        with (_FOLDER / f"{Path(words[0]).name}.log").open("ab") as log:
            return subprocess.Popen(
                words,
                env=os.environ | {"SYSTEMD_LOG_TARGET": "console"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )


class Phone:
    """Whoever is at an interface of a place."""

    def __init__(self, place: Namespace, interface: str) -> None:
        self.place = place
        self.interface = interface

    def asks_for_lease(self, times: int = 20) -> bool:
        script = _FOLDER / "lease"
        ask = ("udhcpc", "-i", self.interface, "-f", "-q", "-n", "-t", times, "-T", 1, "-s", script)
        return succeeds(*self.place.command(*ask))

    def mac(self) -> str:
        return str(self._shown("link")["address"])

    def addresses(self) -> list[str]:
        return [each["local"] for each in self._shown("address")["addr_info"]]

    def reaches(self, address: str, within_s: float = 4) -> bool:
        def connects() -> bool:
            try:
                socket.create_connection((address, _SSH), timeout=within_s).close()
            except OSError:
                return False
            return True

        return self.place.call(connects)

    def is_answered_by(self, address: str) -> bool:
        """With a refusal, too."""

        def is_answered() -> bool:
            try:
                socket.create_connection((address, _SSH), timeout=PATIENCE_S).close()
            except OSError as error:
                return isinstance(error, ConnectionRefusedError)
            return True

        return self.place.call(is_answered)

    def _shown(self, kind: str) -> dict[str, Any]:
        [shown] = json.loads(self.place.run("ip", "-j", kind, "show", self.interface).stdout)
        return dict(shown)


def main() -> None:
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    box = Box(Path(sys.argv[1]))
    names = ("provider", "web", "access", "guest", "cable", "air3", "air4")
    places = {name: Namespace(name) for name in names}
    lay_cables(places)
    provider = Provider(places["provider"], places["web"], _FOLDER)
    provider.answer_calls()
    told("all is laid")
    box.set_up_networks()
    told("the networks are set up")
    radios = {radio: box.serve(radio) for radio in RADIOS}
    box.dial()
    gate = box.open_gate()
    told("it has dialled")
    found = the_line(box, gate, provider, Phone(places["guest"], "vlan"))
    found |= the_trunk(places)
    found |= on_the_air(box, radios, [Phone(places[f"air{n}"], f"wlan{n}") for n in (3, 4)])
    found |= the_lease(box, provider, Phone(places["guest"], "vlan"))
    hand_out(found)


def lay_cables(places: dict[str, Namespace]) -> None:
    for place in places.values():
        run("ip", "netns", "add", place.name)
        place.run("ip", "link", "set", "lo", "up")
    for cable, name in (("eth0", "provider"), ("eth1", "access"), ("eth2", "cable")):
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        places[name].run("ip", "link", "set", "eth0", "up")
    for radio in (3, 4):
        run("iw", "phy", f"phy{radio}", "set", "netns", "name", f"air{radio}")
    access = places["access"]
    for number, name in ((GUESTS, "guest"), (ACCESS_POINTS, "access")):
        vlan = ("name", "vlan", "netns", name, "type", "vlan", "id", number)
        access.run("ip", "link", "add", "link", "eth0", *vlan)
        places[name].run("ip", "link", "set", "vlan", "up")
    access.run("ip", "address", "add", f"{ACCESS_POINT}/24", "dev", "vlan")
    access.run("ip", "route", "add", "default", "via", MANAGED)


def the_line(box: Box, gate: GateClient, provider: Provider, phone: Phone) -> dict[str, Any]:
    """Used, cut, dialled again; and what is left of it when systemd-networkd starts anew."""

    def has_a_delegated_address() -> bool:
        return any(each.startswith("2001:db8:50:") for each in phone.addresses())

    found: dict[str, Any] = {"ways_out": ways_out(), "lease": phone.asks_for_lease()}
    found["offline"] = phone.place.call(lambda: fetched(WEB))
    gate.admit(phone.mac(), 3000)
    found["online"] = phone.place.call(lambda: fetched(WEB))
    provider.delegate()
    found["delegated"] = until(has_a_delegated_address)
    found["online6"] = phone.place.call(lambda: fetched(WEB6))
    found["segments"] = list(provider.segments)
    told("a phone is online")
    provider.hang_up()
    found["hung_up"] = until(lambda: ways_out() == [])
    found["dialled_again"] = until(lambda: ways_out() != [])
    found["online_again"] = phone.place.call(lambda: fetched(WEB)) is not None
    box.restart_networkd()
    found["ways_out_at_last"] = ways_out()
    found["online_at_last"] = phone.place.call(lambda: fetched(WEB)) is not None
    told("it has dialled again")
    return found


def the_lease(box: Box, provider: Any, phone: Phone) -> dict[str, Any]:
    """In place of the line."""
    from tests.kernel.networks_provider import WEB, fetched  # noqa: PLC0415 - found only now

    provider.give_leases()
    box.change_provider()
    found: dict[str, Any] = {"leased": until(lambda: ways_out() != [])}
    found["ways_out_by_lease"] = ways_out()
    found["advertised"] = until(lambda: "2001:db8:3:" in _addresses())
    found["online_by_lease"] = phone.place.call(lambda: fetched(WEB))
    told("it is led by a lease")
    return found


def the_trunk(places: dict[str, Any]) -> dict[str, Any]:
    """Who reaches whom, of those on the cables."""
    untagged, access = Phone(places["access"], "eth0"), Phone(places["access"], "vlan")
    guest, cable = Phone(places["guest"], "vlan"), Phone(places["cable"], "eth0")
    found: dict[str, Any] = {
        "cable_lease": cable.asks_for_lease(),
        "other_leases": [each.asks_for_lease(2) for each in (untagged, access)],
    }
    [at_cable] = [each for each in cable.addresses() if each.startswith("192.168.50.")]
    listening = [each.place.call(_listening) for each in (cable, access)] + [_listening()]
    found["access_reaches_box"] = access.reaches(MANAGED)
    found["access_reaches_phone"] = access.reaches(at_cable)
    found["guest_reaches"] = [
        each for each in (BOX, MANAGED, ACCESS_POINT, at_cable) if guest.reaches(each)
    ]
    run("bridge", "link", "set", "dev", "eth2", "isolated", "off")
    found["guest_reaches_phone_if_not_isolated"] = guest.reaches(at_cable, PATIENCE_S)
    for each in listening:
        each.close()
    told("the trunk is done")
    return found


def ways_out() -> list[str]:
    """Interfaces of the ways to the internet."""
    return [route["dev"] for route in json.loads(run("ip", "-j", "route", "show", "default"))]


def _addresses() -> str:
    return run("ip", "-brief", "address")


def _listening() -> socket.socket:
    return socket.create_server(("", _SSH))


def _make_writable(given: Path) -> None:
    """Where programs write, and look for their files: the root file system is read-only."""
    shutil.copytree(given, _FOLDER)
    for each in [_FOLDER, *_FOLDER.rglob("*")]:
        each.chmod(0o755 if each.is_dir() else 0o644)
    lease = _FOLDER / "lease"
    lease.write_text(_LEASE)
    lease.chmod(0o755)
    run("mount", "-t", "tmpfs", "none", "/run")
    for name in ("dnsmasq", "systemd/netif"):
        Path("/run", name).mkdir(parents=True)
    shutil.chown("/run/systemd/netif", "systemd-network", "systemd-network")
    Path("/dev/pts").mkdir()
    run("mount", "-t", "devpts", "devpts", "/dev/pts")
    shutil.copytree("/etc/ppp", _FOLDER / "ppp", ignore=shutil.ignore_patterns("peers"))
    shutil.copytree(_FOLDER / "peers", _FOLDER / "ppp" / "peers")
    run("mount", "--bind", _FOLDER / "ppp", "/etc/ppp")
    run("mount", "--bind", _FOLDER / "network", "/etc/systemd/network")
    # By which systemd-networkd knows that there is no udev to wait for.
    run("mount", "-o", "remount,bind,ro", "/sys")


if __name__ == "__main__":
    main()

"""What the sensor does with a radio of its own, on the simulated ones: set up, hop, mend.

wlan3   the sensor's own
mon0    a second interface on the access point's radio
wlan2   a phone's, in a place of its own; it looks for networks on the channel it is told
"""

import contextlib
import socket
from pathlib import Path

from core import netlink
from sniffer.radio.channels import Channel
from sniffer.radio.kernel import Kernel
from sniffer.radio.plans import Kind, Plan
from sniffer.radio.receiver import Receiver
from sniffer.radio.tuner import Tuner
from tests.kernel.commands import PATIENCE_S, run, succeeds, told, until

_NETLINK_GENERIC, _CONTROLLER, _GET_FAMILY, _FAMILY_ID, _FAMILY_NAME = 16, 16, 3, 1, 2
# What the simulation's own driver is told: drivers/net/wireless/mac80211_hwsim.h.
_NEW_RADIO, _DELETE_RADIO, _RADIO_NAME = 4, 5, 17

_MAKE_MANAGED = (
    "sh",
    "-c",
    "ip link set wlan3 down && iw dev wlan3 set type managed && ip link set wlan3 up",
)


def listening(heard: list[tuple[str, int | None]]) -> dict[str, object]:
    """What comes of it. `heard` grows with all that is heard on wlan3."""
    one, eleven = Channel.of(1), Channel.of(11)
    slow = Plan(Kind.SLOW, (one, eleven), stay_s=2)
    found: dict[str, object] = {}
    with contextlib.closing(Kernel()) as kernel:
        found["channels"] = [channel.mhz for channel in Receiver("wlan3", kernel).channels()]
    found["channels_by_iw"] = channels_by_iw("phy3")

    run("ip", "link", "set", "wlan4", "up")
    with Tuner("wlan3", slow) as tuner:
        told("the radio is set up")

        def hears(channel: Channel) -> bool:
            """Whether a phone is heard that now looks for networks there."""
            heard.clear()
            succeeds("timeout", 10, "iw", "dev", "wlan4", "scan", "freq", channel.mhz)
            return channel.mhz in {frequency for _, frequency in heard}

        found["heard_on_both"] = until(lambda: hears(one)) and until(lambda: hears(eleven))
        found["problem"] = tuner.problem
        told("it hears on both channels")

        found["made_managed"] = until(lambda: succeeds(*_MAKE_MANAGED))
        found["mended"] = until(lambda: "type monitor" in run("iw", "dev", "wlan3", "info"))
        found["heard_again"] = until(lambda: hears(one))
        told("it is mended")

        simulate(_DELETE_RADIO, "phy3")
        found["gone"] = until(lambda: tuner.problem is not None) and tuner.problem
        simulate(_NEW_RADIO, "stick")
        run("ip", "link", "set", interface_of("stick"), "name", "wlan3")
        found["heard_when_back"] = until(lambda: tuner.problem is None and hears(one))
        told("it is back")

    run("iw", "phy", "phy0", "interface", "add", "mon0", "type", "monitor")
    with Tuner("mon0", slow) as tuner:
        found["shared"] = tuner.problem
        found["shared_is_up"] = ",UP" in run("ip", "link", "show", "mon0")
    return found


def channels_by_iw(radio: str) -> list[int]:
    """Frequencies that it may listen on."""
    lines = run("iw", "phy", radio, "channels").splitlines()
    return [
        int(line.split()[1])
        for line in lines
        if line.lstrip().startswith("*") and " MHz " in line and "disabled" not in line
    ]


def interface_of(radio: str) -> str:
    """The one that comes with it, as the kernel calls it."""
    [folder] = Path("/sys/class/ieee80211", radio, "device/net").iterdir()
    return folder.name


def simulate(command: int, radio: str) -> None:
    """Plug a radio in, or pull it out."""
    flags = netlink.REQUEST | netlink.ACKNOWLEDGE
    name = netlink.attribute(_FAMILY_NAME, b"MAC80211_HWSIM\0")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_GENERIC) as kernel:
        kernel.settimeout(PATIENCE_S)
        kernel.send(
            netlink.message(_CONTROLLER, netlink.REQUEST, 1, bytes((_GET_FAMILY, 1, 0, 0)) + name)
        )
        [told_family] = netlink.messages(kernel.recv(65_536))
        family = int.from_bytes(
            dict(netlink.attributes(told_family.body[4:]))[_FAMILY_ID], "little"
        )
        wanted = netlink.attribute(_RADIO_NAME, radio.encode())
        kernel.send(netlink.message(family, flags, 2, bytes((command, 1, 0, 0)) + wanted))
        [answer] = netlink.messages(kernel.recv(65_536))
    # A new one is answered with its number, which is positive.
    if answer.error > 0:
        raise OSError(answer.error, "no such simulation")

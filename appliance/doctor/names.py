"""What `doorman doctor` says of names: whether this box finds them, and leads phones to itself."""

import contextlib
import ipaddress
import secrets
import socket
import struct
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from appliance.doctor.machine import Machine
from appliance.finding import Finding, Grade
from core.settings import Settings
from portal.resolver import message
from portal.resolver.message import MessageError, Question

_WITHIN_S = 1.2
_ADDRESS = 1
# As lasting as the DNS itself, and nobody's shop.
_OUTSIDE = "a.root-servers.net"

Ask = Callable[[str], list[str] | None]


def ask(name: str, server: tuple[str, int] = ("127.0.0.1", 53)) -> list[str] | None:
    """The IPv4 addresses that this box's resolver knows of `name`; None: no answer."""
    labels = (each.encode() for each in name.rstrip(".").split("."))
    spelt = b"".join(struct.pack("B", len(each)) + each for each in labels) + b"\0"
    number = secrets.token_bytes(2)
    question = Question(number, spelt, _ADDRESS, recurse=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(_WITHIN_S)
        with contextlib.suppress(OSError, MessageError):
            asking.connect(server)
            asking.send(message.write_query(question, number))
            answer = asking.recv(4096)
            if message.number_of(answer) == number:
                found = message.read_finding(answer, question)
                return [str(ipaddress.ip_address(each)) for each in found.addresses]
    return None


def examine(found: Settings, machine: Machine, ask: Ask = ask) -> Iterator[Finding]:
    outside = ask(_OUTSIDE)
    if outside is None:
        mend = "systemctl status dnsmasq; journalctl -u dnsmasq"
        yield Finding(Grade.WRONG, "dnsmasq does not answer on 127.0.0.1", mend)
        return
    if outside:
        yield Finding(Grade.GOOD, "names of the internet are found")
    else:
        mend = "can the name servers in dnsmasq's configuration be reached?"
        yield Finding(Grade.WRONG, "no name of the internet is found", mend)
    yield from _portal(found, machine, ask)


def _portal(found: Settings, machine: Machine, ask: Ask) -> Iterator[Finding]:
    name = urlsplit(found.portal.url).hostname or ""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return
    told = machine.run_json("ip", "-json", "address", "show", "dev", found.gate.shopper_interface)
    ours = {each.get("local") for each in (told or [{}])[0].get("addr_info", [])}
    leads_to = ask(name) or []
    if leads_to and ours >= set(leads_to):
        yield Finding(Grade.GOOD, f"the portal's name {name} leads to this box")
    else:
        mend = "give dnsmasq the lines of `doorman resolver --dnsmasq`, and start it anew"
        yield Finding(Grade.WRONG, f"the portal's name {name} does not lead to this box", mend)

"""What runs inside the machine: the real gate on the real rules; prints what came of it."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from gate.client import GateClient, GateUnavailableError, Limits
from gate.ruleset import Ruleset
from tests.kernel.commands import hand_out, run, until
from tests.kernel.place import Place

PHONE, OTHER = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
# What one datagram of ours is on the way: its headers too.
DATAGRAM = 1000 + 28
_HOST, _OTHER_HOST, _PORT = "203.0.113.1", "203.0.113.7", 5555


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    rules = folder / "rules.nft"
    rules.write_text(Ruleset("br-lan", "wan0", 8080).text())
    nft("-f", rules)
    socket = folder / "gate.sock"
    gate = subprocess.Popen(
        [sys.executable, "-B", "-m", "gate", f"--socket={socket}", "--kind=nftables"]
    )
    client = GateClient(socket, timeout_s=20)
    until(lambda: answers(client))

    found = {"release": os.uname().release}
    found |= membership(client, rules)
    found |= traffic(client, rules)
    gate.terminate()
    gate.wait(20)
    hand_out(found)


def answers(client):
    with contextlib.suppress(GateUnavailableError):
        client.kind()
        return True
    return False


def membership(client, rules):
    found = {}
    client.admit(PHONE, 100)
    client.admit(PHONE, 5000)
    found["extended_s"] = client.online()[PHONE].seconds_left
    for seconds in (100, 5000):
        nft("add", "element", "inet", "doorman", "online", f"{{ {OTHER} timeout {seconds}s }}")
    found["added_again_s"] = client.online()[OTHER].seconds_left
    nft("-f", rules)
    found["kept_by_a_reload"] = PHONE in client.online()
    client.give_pass(PHONE, 100)
    found["passed"] = PHONE not in client.online()
    client.admit(PHONE, 100)
    found["admitted_after_a_pass"] = PHONE in client.online()
    client.revoke(PHONE)
    found["revoked"] = client.find(PHONE) is None
    return found


def traffic(client, rules):
    """What arrives of datagrams that a phone sends to a host behind the uplink."""
    phone = Place("br-lan", "192.168.50.1", "192.168.50.2", PHONE)
    internet = Place("wan0", "203.0.113.2", _HOST, OTHER)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    sink = internet.datagrams()
    sink.bind((_HOST, _PORT))

    def arrived(number, host=_HOST):
        """How many get there of so many that are sent."""
        count = 0
        with phone.datagrams() as sending:
            sending.connect((host, _PORT))
            for _ in range(number):
                # Refused aloud, which the next one is told.
                with contextlib.suppress(OSError):
                    sending.send(bytes(1000))
                with contextlib.suppress(TimeoutError):
                    sink.settimeout(0.5 if count == 0 else 0.05)
                    count += bool(sink.recv(2000))
        return count

    found = {"offline": arrived(2)}
    client.admit(PHONE, 100, Limits(bytes=10 * DATAGRAM + 1))
    found["of_a_quota_of_10"] = arrived(20)
    nft("-f", rules)
    found["after_a_reload"] = arrived(2)
    client.admit(PHONE, 100)
    found["with_a_new_admission"] = arrived(5)
    # A thousand bytes a second: what passes is the burst, 129 datagrams.
    client.admit(PHONE, 100, Limits(up_kbit_s=8))
    found["of_a_burst"] = arrived(170)
    client.give_pass(PHONE, 100)
    found["to_no_host_of_a_pass"] = arrived(2)
    nft("add", "element", "inet", "doorman", "pass4", f"{{ {_HOST} }}")
    found["to_a_host_of_a_pass"] = arrived(3)
    client.revoke(PHONE)
    found["revoked_again"] = arrived(2)
    found["counted"] = client.counters()[PHONE].bytes_up
    return found


def nft(*arguments: object) -> None:
    run("/usr/sbin/nft", *arguments)


if __name__ == "__main__":
    main()

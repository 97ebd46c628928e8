"""The gate: one admission among 1,000 phones that are online, beside a forked `nft`."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from gate import commands, server
from gate.client import GateClient
from gate.firewall import FirewallGate
from gate.libnftables import Nftables
from gate.ruleset import Ruleset
from gate.set_element import SetElements
from tests.lab.namespace import Namespace

_ONLINE = 1000
_ROUNDS = 100
_GOAL = 20


def measure() -> list[dict]:
    if os.geteuid() != 0:
        sys.stderr.write("gate: not measured: not root\n")
        return []
    with (
        tempfile.TemporaryDirectory(prefix="doorman-bench-") as folder,
        Namespace(f"doorman-bench-{os.getpid()}") as namespace,
    ):
        rules = Path(folder, "ruleset.nft")
        rules.write_text(Ruleset("br-lan", "wan0", 8080).text())
        namespace.run("nft", "-f", rules)
        with namespace.call(Nftables) as nftables, namespace.call(SetElements) as elements:
            gate = FirewallGate(nftables, elements)
            for number in range(_ONLINE):
                gate.admit(_mac(number), 3600)
            return _with_server(namespace, gate, Path(folder, "gate.sock"))


def _with_server(namespace: Namespace, gate: FirewallGate, socket_path: Path) -> list[dict]:
    stop_event = threading.Event()
    thread = threading.Thread(target=server.serve, args=(socket_path, gate, (), stop_event))
    thread.start()
    try:
        while not socket_path.exists() and thread.is_alive():
            time.sleep(0.01)
        return namespace.call(lambda: _rows(gate, GateClient(socket_path, timeout_s=10)))
    finally:
        stop_event.set()
        thread.join()


def _rows(gate: FirewallGate, client: GateClient) -> list[dict]:
    """Called inside the namespace, where the forked `nft` has to be."""
    # In turn, so that whatever else the machine does strikes all alike.
    timed: dict[str, list[float]] = {"in process": [], "by socket": [], "forked": []}
    for number in range(_ROUNDS):
        mac = _mac(number)
        timed["in process"].append(_seconds(lambda: gate.admit(mac, 3600)))  # noqa: B023 - called at once
        timed["by socket"].append(_seconds(lambda: client.admit(mac, 3600)))  # noqa: B023 - as above
        timed["forked"].append(_seconds(lambda: _admit_by_fork(mac)))  # noqa: B023 - as above
    in_process, by_socket, forked = (1000 * median(each) for each in timed.values())
    listing = (
        [_seconds(gate.online) for _ in range(20)],
        [_seconds(_list_by_fork) for _ in range(20)],
    )
    ours, theirs = (1000 * median(each) for each in listing)
    finding = (
        [_seconds(lambda: gate.find(_mac(0))) for _ in range(20)],
        [_seconds(_find_by_fork) for _ in range(20)],
    )
    found, asked = (1000 * median(each) for each in finding)
    return [
        _row("gate.admission", in_process, "a forked nft", forked, _GOAL),
        _row("gate.admission_by_socket", by_socket, "a forked nft, no socket", forked, _GOAL / 2),
        _row("gate.find", found, "a forked nft, unread", asked, _GOAL),
        _row("gate.list_1000", ours, "a forked nft, unread", theirs, 1),
    ]


def _row(name: str, value: float, peer: str, peer_value: float, goal: float) -> dict:
    ratio = peer_value / value
    return {
        "name": name,
        "value": round(value, 3),
        "unit": "ms",
        "peer": peer,
        "peer_value": round(peer_value, 3),
        "ratio": round(ratio, 1),
        "goal": f"at least {goal:.0f} x faster than the peer, {_ONLINE} phones online",
        "met": ratio >= goal,
    }


def _admit_by_fork(mac: str) -> None:
    batch = commands.admit(mac, 3600).encode()
    subprocess.run(["nft", "-j", "-f", "-"], input=batch, check=True, capture_output=True)


def _list_by_fork() -> None:
    for name in ("online", "answered"):
        listing = ["nft", "-j", "list", "set", "inet", "doorman", name]
        subprocess.run(listing, check=True, capture_output=True)


def _find_by_fork() -> None:
    element = ["get", "element", "inet", "doorman", "online", f"{{ {_mac(0)} }}"]
    subprocess.run(["nft", *element], check=True, capture_output=True)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _mac(number: int) -> str:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"

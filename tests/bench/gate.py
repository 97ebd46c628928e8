"""The gate: admission, one phone, all phones and their counters, beside a forked `nft`."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from gate import membership, server
from gate.client import GateClient
from gate.firewall import TABLE, FirewallGate
from gate.netlink import Netlink
from gate.ruleset import Ruleset
from gate.shape import Limits
from tests.lab.namespace import Namespace

_ONLINE = (0, 1000, 5000)
_ROUNDS = 50
_GOAL = 20
_COUNTERS_GOAL_MS = 100


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
        with namespace.call(lambda: Netlink(TABLE)) as netlink:
            return _with_server(namespace, netlink, Path(folder, "gate.sock"))


def _with_server(namespace: Namespace, netlink: Netlink, socket_path: Path) -> list[dict]:
    stop_event = threading.Event()
    gate = FirewallGate(netlink)
    thread = threading.Thread(target=server.serve, args=(socket_path, gate, (), stop_event))
    thread.start()
    try:
        while not socket_path.exists() and thread.is_alive():
            time.sleep(0.01)
        client = GateClient(socket_path, timeout_s=10)
        return namespace.call(lambda: _rows(gate, client))
    finally:
        stop_event.set()
        thread.join()


def _rows(gate: FirewallGate, client: GateClient) -> list[dict]:
    """Called inside the namespace, where the forked `nft` has to be."""
    rows, online = [], 0
    for wanted in _ONLINE:
        for number in range(online, wanted):
            gate.admit(_mac(number), 3600, Limits())
        _count(range(online, wanted))
        online = wanted
        rows += _one_phone(client, online)
        rows += _all_phones(client, online)
    return rows


def _one_phone(client: GateClient, online: int) -> list[dict]:
    mac = _mac(0)
    # In turn, so that whatever else the machine does strikes both alike.
    admitted, forked, found, asked = [], [], [], []
    for _ in range(_ROUNDS):
        admitted.append(_ms(lambda: client.admit(mac, 3600)))
        found.append(_ms(lambda: client.find(mac)))
    for _ in range(_ROUNDS // 5):
        forked.append(_ms(lambda: _admit_by_fork(mac)))
        asked.append(_ms(_find_by_fork))
    return [
        _beside(f"gate.admission_{online}", admitted, "a forked nft, no socket", forked, _GOAL),
        _beside(f"gate.find_{online}", found, "a forked nft, unread", asked, _GOAL),
    ]


def _all_phones(client: GateClient, online: int) -> list[dict]:
    listed = [_ms(client.online) for _ in range(10)]
    counted = [_ms(client.counters) for _ in range(10)]
    by_fork = [_ms(_list_by_fork) for _ in range(5)]
    return [
        _beside(f"gate.list_{online}", listed, "a forked nft, unread", by_fork, 1),
        {
            "name": f"gate.counters_{online}",
            "value": round(median(counted), 3),
            "unit": "ms",
            "peer": "a forked nft, unread",
            "peer_value": round(median(by_fork), 3),
            "ratio": round(median(by_fork) / median(counted), 1),
            "goal": f"less than {_COUNTERS_GOAL_MS} ms in one call by the socket",
            "met": median(counted) < _COUNTERS_GOAL_MS,
        },
    ]


def _beside(name: str, ours: list[float], peer: str, theirs: list[float], goal: float) -> dict:
    ratio = median(theirs) / median(ours)
    return {
        "name": name,
        "value": round(median(ours), 3),
        "unit": "ms",
        "peer": peer,
        "peer_value": round(median(theirs), 3),
        "ratio": round(ratio, 1),
        "goal": f"at least {goal:.0f} x faster than the peer",
        "met": ratio >= goal,
    }


def _count(numbers: range) -> None:
    """Counters as packets of these phones would have made them."""
    lines = [
        line
        for mac in map(_mac, numbers)
        for line in (
            f"add element inet {TABLE} sent {{ {mac} counter packets 9 bytes 900 }}\n",
            f"add element inet {TABLE} received {{ {_mark(mac)} counter packets 9 bytes 900 }}\n",
        )
    ]
    subprocess.run(["nft", "-f", "-"], input="".join(lines).encode(), check=True)


def _admit_by_fork(mac: str) -> None:
    mark = _mark(mac)
    members = {
        "online": (f"{mac} timeout 1h", mac),
        "marks": (f"{mac} timeout 1h : {mark}", mac),
        "answered": (f"{mark} timeout 1h", mark),
    }
    batch = "".join(
        f"{verb} element inet {TABLE} {name} {{ {text} }}\n"
        for name, (member, key) in members.items()
        for verb, text in (("add", member), ("delete", key), ("add", member))
    )
    subprocess.run(["nft", "-f", "-"], input=batch.encode(), check=True, capture_output=True)


def _list_by_fork() -> None:
    for name in ("online", "sent", "received"):
        listing = ["nft", "-j", "list", "set", "inet", TABLE, name]
        subprocess.run(listing, check=True, capture_output=True)


def _find_by_fork() -> None:
    element = ["get", "element", "inet", TABLE, "online", f"{{ {_mac(0)} }}"]
    subprocess.run(["nft", *element], check=True, capture_output=True)


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _mark(mac: str) -> int:
    return int.from_bytes(membership.marks_of(membership.octets(mac))[0], sys.byteorder)


def _mac(number: int) -> str:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"

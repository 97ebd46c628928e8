"""Redirects of probes: how many a second and how late, beside openNDS and a bare nginx.

Every request is a connection of its own and goes the phones' way: through the cable, the
rules that redirect port 80, and back.
"""

import contextlib
import dataclasses
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import web_load
from tests.bench.crowd import Crowd
from tests.bench.figure import figure
from tests.bench.opennds import OpenNds
from tests.bench.web_load import Load
from tests.lab import network

CONNECTIONS = (10, 50, 500)
RATE = 1000
HELD = 200
_SECONDS = 1
_SECONDS_AT_RATE = 2
_SECONDS_OPENNDS = 3
_ROUNDS = 3
_PROBE = (network.WEB[4], 80)
_URL = f"http://{network.WEB[4]}/generate_204"

# As many phones as ask at once: limits on what one phone may do are not what is measured.
_ASKING = 200
# openNDS asks a script about each phone it does not know; these few it soon knows.
_ASKING_OPENNDS = 20

_NGINX = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_timeout 0;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 80 backlog=4096; return 302 http://wifi.store.test/; }}
}}
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Loads:
    """Of one server."""

    fast: dict[int, Load]
    """By the number of connections."""
    at_rate: Load | None = None
    held_fast: Load | None = None
    """With slow connections held, and `CONNECTIONS[0]` others."""
    held_at_rate: Load | None = None


def side_by_side(*crowds: Crowd) -> list[Loads]:
    """What boxes do that answer quickly enough for all of it: round by round, in turn."""
    for crowd in crowds:
        crowd.spread(_ASKING)
    fast = {each: _in_turn(crowds, each) for each in CONNECTIONS}
    at_rate = [_at_rate(crowd) for crowd in crowds]
    with contextlib.ExitStack() as holding:
        for crowd in crowds:
            slow = [crowd.address(_ASKING + number) for number in range(HELD)]
            holding.enter_context(web_load.holding(crowd.shopper, slow, _PROBE))
        held_fast = _in_turn(crowds, CONNECTIONS[0])
        held_at_rate = [_at_rate(crowd) for crowd in crowds]
    return [
        Loads({at: loads[box] for at, loads in fast.items()}, at_rate[box], *held)
        for box, held in enumerate(zip(held_fast, held_at_rate, strict=True))
    ]


def _in_turn(crowds: Sequence[Crowd], connections: int) -> list[Load]:
    rounds = [[_fast(crowd, connections) for crowd in crowds] for _ in range(_ROUNDS)]
    return [_median(loads) for loads in zip(*rounds, strict=True)]


def _at_rate(crowd: Crowd) -> Load:
    sources = [crowd.address(number) for number in range(_ASKING)]
    return web_load.at_rate(crowd.shopper, sources, _PROBE, RATE, _SECONDS_AT_RATE)


def of_opennds(peer: OpenNds) -> Loads:
    """One round each, and at no set rate: it answers a few dozen a second at best."""
    crowd = peer.crowd
    crowd.spread(_ASKING_OPENNDS)
    slow = [crowd.address(_ASKING_OPENNDS + number) for number in range(HELD)]
    fast = {each: _fast_opennds(peer, each) for each in CONNECTIONS}
    with peer.running(), web_load.holding(crowd.shopper, slow, _PROBE):
        held = _fast(crowd, CONNECTIONS[0], _SECONDS_OPENNDS)
    return Loads(fast, held_fast=held)


def _fast_opennds(peer: OpenNds, connections: int) -> Load:
    with peer.running():
        web_load.as_fast_as_possible(peer.shopper, _URL, 5, 1)
        return _fast(peer.crowd, connections, _SECONDS_OPENNDS)


@contextlib.contextmanager
def nginx(peer: OpenNds) -> Iterator[None]:
    """The limit: an answer that never changes, where openNDS will stand later."""
    with tempfile.TemporaryDirectory(prefix="doorman-nginx-") as folder:
        file = Path(folder, "nginx.conf")
        file.write_text(_NGINX.format(folder=folder))
        redirect = f"tcp dport 80 ip daddr {_PROBE[0]} redirect"
        peer.gateway.run("nft", "add table ip bench")
        peer.gateway.run("nft", "add chain ip bench c { type nat hook prerouting priority -100; }")
        peer.gateway.run("nft", f"add rule ip bench c {redirect}")
        process = peer.gateway.start(["nginx", "-c", file], Path(folder, "log"))
        try:
            _wait(peer)
            yield
        finally:
            process.terminate()
            process.wait()
            peer.gateway.run("nft", "delete table ip bench")


def figures(ours: Loads, limit: Loads, peer: Loads | None) -> list[dict]:
    rows = []
    for each in CONNECTIONS:
        mine = ours.fast[each]
        at = f"redirects.{each}_connections"
        rows.append(_rate(at, mine, "nginx, an answer that never changes", limit.fast[each], 0.5))
        if peer:
            theirs = peer.fast[each]
            rows.append(_rate(at, mine, "openNDS", theirs, 100))
            rows.append(_late(f"{at}_p99", mine, "openNDS", theirs, goal="less than the peer"))
    if ours.at_rate and limit.at_rate:
        at = f"redirects.p99_at_{RATE}_a_second"
        rows.append(_late(at, ours.at_rate, "nginx", limit.at_rate, goal="under 20 ms", under=20))
    return rows + _held(ours, "redirects") + (_held(peer, "redirects.opennds") if peer else [])


def _held(loads: Loads, name: str) -> list[dict]:
    rows = []
    if loads.held_fast:
        free = loads.fast[CONNECTIONS[0]]
        peer = f"the same without {HELD} slow connections"
        rows.append(_rate(f"{name}.held", loads.held_fast, peer, free, 0.9))
        if loads.held_at_rate and loads.at_rate:
            at = f"{name}.held_p99_at_{RATE}_a_second"
            rows.append(
                _late(at, loads.held_at_rate, peer, loads.at_rate, goal="under 20 ms", under=20)
            )
    return rows


def _rate(name: str, ours: Load, peer: str, theirs: Load, at_least: float) -> dict:
    goal = f"at least {at_least:g} times the peer's"
    met = not ours.failed and ours.rate >= at_least * theirs.rate
    return figure(
        name,
        unit="redirects/s",
        value=ours.rate,
        peer=peer,
        peer_value=theirs.rate,
        goal=goal,
        met=met,
    )


def _late(
    name: str, ours: Load, peer: str, theirs: Load, *, goal: str, under: float | None = None
) -> dict:
    met = not ours.failed and ours.p99 < (theirs.p99 if under is None else under)
    return figure(
        name, unit="ms", value=ours.p99, peer=peer, peer_value=theirs.p99, goal=goal, met=met
    )


def _fast(crowd: Crowd, connections: int, seconds: int = _SECONDS) -> Load:
    return web_load.as_fast_as_possible(crowd.shopper, _URL, connections, seconds)


def _median(loads: Sequence[Load]) -> Load:
    return Load(
        statistics.median(each.rate for each in loads),
        statistics.median(each.p50 for each in loads),
        statistics.median(each.p99 for each in loads),
        sum(each.failed for each in loads),
    )


def _wait(peer: OpenNds) -> None:
    for _ in range(100):
        load = web_load.at_rate(peer.shopper, [peer.crowd.address(0)], _PROBE, 10, 0.2)
        if not load.failed:
            return
        time.sleep(0.05)
    raise RuntimeError("nginx does not start")

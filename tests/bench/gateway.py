"""The store's gateway with the traffic of real phones, beside openNDS in a shop of the same build.

Our programs at a gateway in namespaces, as the lab starts them. The peer's three namespaces
are laid alike; before openNDS starts there, they show the limits: a gateway that only
forwards, and an nginx that always gives the same answer.
"""

import contextlib
import dataclasses
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import logins, memory, redirects, round_trip
from tests.bench.crowd import Crowd
from tests.bench.figure import figure
from tests.bench.opennds import NotThereError, OpenNds
from tests.lab import network
from tests.lab.shop import PORTAL_PORT, Shop

ONLINE = (0, 1000, 5000)
_PHONES = 2500
_SETTINGS = {
    "PORTAL__WORKERS": 2,
    "FRONT__SERVER": "nginx",
    "FRONT__HTTP_PORT": PORTAL_PORT,
    # The folder is root's alone.
    "FRONT__USER": "root",
    "SMS__SENDS_PER_STORE_DAY": 100_000,
}
_ECHOES = 5000
_ROUNDS = 2
_SLOWER = 1.5


@dataclasses.dataclass(frozen=True, slots=True)
class Peer:
    """What openNDS did."""

    loads: redirects.Loads
    auth_ms: list[float]
    trips_us: dict[int, float]
    """By how many are online."""
    resident_mib: float


def measure() -> list[dict]:
    missing = [program for program in ("wrk", "nginx") if not shutil.which(program)]
    if os.geteuid() != 0 or missing:
        reason = f"not installed: {', '.join(missing)}" if missing else "not root"
        sys.stderr.write(f"gateway: not measured: {reason}\n")
        return []
    with _shop() as (shop, crowd), OpenNds(_PHONES) as plain:
        with redirects.nginx(plain):
            ours, limit = redirects.side_by_side(crowd, plain.crowd)
        trips, forwarding = _trips(shop, crowd, plain.crowd)
        # The first ones find the portal cold.
        logins.first_packet_ms(shop, crowd, logins.LOGINS * (1 + len(ONLINE)))
        took = {online: _logins(shop, crowd, online) for online in ONLINE}
        peer = _opennds(plain)
        return [
            *redirects.figures(ours, limit, peer.loads if peer else None),
            *_trip_figures(trips, forwarding, peer),
            *logins.figures(took, peer.auth_ms if peer else None),
            *logins.rush_figures(logins.rush(shop, crowd, first=_PHONES - logins.RUSH)),
            *memory.figures(shop, peer.resident_mib if peer else None),
        ]


@contextlib.contextmanager
def _shop() -> Iterator[tuple[Shop, Crowd]]:
    # Not a long path: there is a Unix socket in it.
    with (
        tempfile.TemporaryDirectory(prefix="doorman-bench-") as folder,
        Shop(Path(folder), {**_SETTINGS, "FRONT__FOLDER": f"{folder}/front"}) as shop,
    ):
        shop.shopper.run("ip", "address", "add", "192.168.50.40/24", "dev", "eth0")
        shop.shopper.run("ip", "route", "add", "default", "via", network.GATEWAY[4])
        yield shop, Crowd(shop.shopper, shop.gateway, _PHONES)


@contextlib.contextmanager
def _others_online(shop: Shop, count: int) -> Iterator[None]:
    others = [f"02:b0:00:00:{number >> 8:02x}:{number & 255:02x}" for number in range(count)]
    for mac in others:
        shop.gate.admit(mac, 3600)
    yield
    for mac in others:
        shop.gate.revoke(mac)


def _logins(shop: Shop, crowd: Crowd, online: int) -> list[float]:
    with _others_online(shop, online):
        first = logins.LOGINS * (1 + ONLINE.index(online))
        return logins.first_packet_ms(shop, crowd, first)


def _trips(shop: Shop, crowd: Crowd, plain: Crowd) -> tuple[dict[int, float], float]:
    """Medians in us: by how many are online, and where the gateway only forwards."""
    found: dict[int, list[float]] = {online: [] for online in ONLINE}
    forwarding = []
    shop.gate.admit(crowd.mac(0), 3600)
    for _ in range(_ROUNDS):
        for online in ONLINE:
            with _others_online(shop, online):
                found[online].append(_trip_us(crowd))
            forwarding.append(_trip_us(plain))
    medians = {online: statistics.median(each) for online, each in found.items()}
    return medians, statistics.median(forwarding)


def _trip_us(crowd: Crowd) -> float:
    source, target = crowd.address(0), network.WEB[4]
    times = crowd.shopper.call(lambda: round_trip.times_us(source, target, _ECHOES))
    return statistics.median(times)


def _trip_figures(trips: dict[int, float], forwarding: float, peer: Peer | None) -> list[dict]:
    least, *more = trips
    goal = f"at most {_SLOWER} times the peer's"
    beside = [(least, trips[least], "forwarding without any rules", forwarding)]
    beside += [(each, trips[each], f"with {least} others online", trips[least]) for each in more]
    rows = [_trip(f"round_trip.{online}_online", *values, goal) for online, *values in beside]
    if peer:
        few, many = peer.trips_us
        rows.append(
            _trip(
                f"round_trip.opennds_{many}_online",
                peer.trips_us[many],
                f"openNDS with {few} online",
                peer.trips_us[few],
                goal,
            )
        )
    return rows


def _trip(name: str, value: float, peer: str, peer_value: float, goal: str) -> dict:
    met = value <= _SLOWER * peer_value
    return figure(
        name, unit="us", value=value, peer=peer, peer_value=peer_value, goal=goal, met=met
    )


def _opennds(plain: OpenNds) -> Peer | None:
    # It looks for its way to the internet now and then, and ends where that took too long.
    for _ in range(2):
        try:
            return _measure_opennds(plain)
        except NotThereError as error:
            sys.stderr.write(f"gateway: openNDS could not be measured: {error}\n")
    return None


def _measure_opennds(plain: OpenNds) -> Peer:
    loads = redirects.of_opennds(plain)
    with plain.running():
        auth_ms = logins.opennds_auth_ms(plain, range(1))
        trips_us = {1: _trip_us(plain.crowd)}
        auth_ms += logins.opennds_auth_ms(plain, range(1, logins.AUTHED))
        trips_us[logins.AUTHED] = _trip_us(plain.crowd)
        return Peer(loads, auth_ms, trips_us, plain.resident_kib() / 1024)

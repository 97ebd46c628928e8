"""From the last form to the first packet that passes, and whether a rush loses anybody."""

import dataclasses
import functools
import math
import random
import statistics
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from tests.bench import round_trip, web_load
from tests.bench.crowd import Crowd
from tests.bench.figure import figure
from tests.bench.opennds import OpenNds
from tests.bench.shopper import Inbox, LostError, Shopper, number_of
from tests.lab import network
from tests.lab.shop import Shop

AUTHED = 40
LOGINS = 25
_GOAL_MS = 50
_FLAT = 1.5

RUSH = 2000
_RUSH_S = 60.0
_THREADS = 64


@dataclasses.dataclass(frozen=True, slots=True)
class Rush:
    seconds: list[float]
    """From the moment a phone was due to the first page of the internet; of those online."""
    failures: dict[str, int]
    online: int
    """As the gate counts them, at the end."""


def first_packet_ms(shop: Shop, crowd: Crowd, first: int) -> list[float]:
    """Of phones that stand at the last form: from sending it until a packet has come back."""

    def log_in(phone: int, inbox: Inbox) -> float:
        address = crowd.address(phone)
        shopper = Shopper(address, number_of(phone), inbox)
        shopper.begin()
        start = time.perf_counter()
        shopper.agree()
        round_trip.wait(address, network.WEB[4], within_s=5)
        return 1000 * (time.perf_counter() - start)

    with Inbox(shop) as inbox:
        phones = range(first, first + LOGINS)
        return crowd.shopper.call(lambda: [log_in(phone, inbox) for phone in phones])


def opennds_auth_ms(peer: OpenNds, phones: Iterable[int]) -> list[float]:
    """Its own tool's call for each phone in turn, until a packet has come back."""
    took = []
    for phone in phones:
        address = peer.crowd.address(phone)
        # A phone has to have been seen before it can be let in.
        web_load.at_rate(peer.shopper, [address], (network.WEB[4], 80), 10, 0.1)
        start = time.perf_counter()
        peer.auth(phone)
        peer.shopper.call(lambda: round_trip.wait(address, network.WEB[4], within_s=5))  # noqa: B023 - called at once
        took.append(1000 * (time.perf_counter() - start))
    return took


def rush(shop: Shop, crowd: Crowd, first: int) -> Rush:
    """`RUSH` phones arrive at random within a minute; each goes the whole way at once.

    `_THREADS` at a time; whoever has not had a turn after four minutes is lost.
    """
    due = sorted(random.Random(0).uniform(0, _RUSH_S) for _ in range(RUSH))
    failures: dict[str, int] = {}
    given_up = time.perf_counter() + 4 * _RUSH_S

    def arrive(phone: int, start: float, inbox: Inbox) -> float | None:
        try:
            if time.perf_counter() > given_up:
                raise LostError("no turn in four minutes")
            Shopper(crowd.address(phone), number_of(phone), inbox).go_online()
        except LostError as error:
            failures[str(error)] = failures.get(str(error), 0) + 1
            return None
        return time.perf_counter() - start

    def everybody(inbox: Inbox) -> list[float | None]:
        start = time.perf_counter()
        with ThreadPoolExecutor(_THREADS) as threads:
            coming = []
            for number, moment in enumerate(due):
                time.sleep(max(0.0, start + moment - time.perf_counter()))
                coming.append(threads.submit(arrive, first + number, start + moment, inbox))
            return [each.result() for each in coming]

    with Inbox(shop) as inbox:
        took = crowd.shopper.call(lambda: everybody(inbox))
    online = shop.gate.online()
    there = sum(crowd.mac(first + number) in online for number in range(RUSH))
    return Rush([each for each in took if each is not None], failures, there)


def figures(by_online: Mapping[int, list[float]], peer: list[float] | None) -> list[dict]:
    middle = {online: statistics.median(took) for online, took in by_online.items()}
    least, most = min(middle), max(middle)
    ms = functools.partial(figure, unit="ms")
    rows = [
        ms(
            f"logins.first_packet_{online}_online",
            value=value,
            peer="the goal",
            peer_value=_GOAL_MS,
            goal=f"at most {_GOAL_MS} ms",
            met=value <= _GOAL_MS,
        )
        for online, value in middle.items()
    ]
    rows.append(
        ms(
            f"logins.first_packet_{most}_online",
            value=middle[most],
            peer=f"with {least} online",
            peer_value=middle[least],
            goal=f"at most {_FLAT} times the peer's",
            met=middle[most] <= _FLAT * middle[least],
        )
    )
    if peer:
        theirs = statistics.median(peer)
        rows.append(
            ms(
                f"logins.first_packet_{most}_online",
                value=middle[most],
                peer=f"openNDS, ndsctl auth, up to {AUTHED} online",
                peer_value=theirs,
                goal="less than the peer",
                met=middle[most] < theirs,
            )
        )
    return rows


def rush_figures(found: Rush) -> list[dict]:
    for failure, count in found.failures.items():
        sys.stderr.write(f"rush: {count} phones: {failure}\n")
    rows = [
        figure(
            "rush.online",
            unit="phones",
            value=found.online,
            peer="that arrived within a minute",
            peer_value=RUSH,
            goal="all of them",
            met=found.online == RUSH and not found.failures,
        )
    ]
    waits = found.seconds or [math.inf]
    for name, value in (("median", statistics.median(waits)), ("slowest", max(waits))):
        rows.append(
            figure(
                f"rush.{name}",
                unit="s",
                value=value,
                peer="the minute",
                peer_value=_RUSH_S,
                goal="less than the peer",
                met=value < _RUSH_S,
            )
        )
    return rows

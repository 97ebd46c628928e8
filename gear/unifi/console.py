"""What is asked of a UniFi console, in its own words.

This is the Network application's older interface, without version. The newer one
(`/integration/v1`) finds only who is connected, by ids of its own: it could neither end the
permission of a phone that is out of reach, nor list who has one (docs/decisions/0028).

    POST cmd/stamgr  {"cmd": "authorize-guest", "mac", "minutes", "up"?, "down"?, "bytes"?}
    POST cmd/stamgr  {"cmd": "unauthorize-guest", "mac"}
    GET  stat/sta    who is connected: mac, ip, ipv6_address?, ap_mac, is_guest, authorized,
                     rx_bytes, tx_bytes
    POST stat/guest  {"within": hours}: who was let in: mac, end, expired

Rates are in kbit/s, `bytes` is in megabytes, `end` in seconds since 1970. rx and tx are the
access point's: it receives what a phone sends.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from gate import whereabouts
from gate.checks import ProtocolError, check_mac
from gate.shape import Counters, Limits
from gate.whereabouts import Whereabouts
from gear.unifi.line import Line
from gear.unifi.picture import Guest

_MB = 1_000_000
# What the newer interface's documentation takes; beyond, a phone has no limit.
_SLOWEST_KBIT_S, _FASTEST_KBIT_S = 2, 100_000
_MOST_MB = 1_048_576


@dataclasses.dataclass(frozen=True, slots=True)
class Console:
    """Each raises GateFailedError, and gives up at `until`, of `time.monotonic`."""

    line: Line

    def authorise(self, mac: str, seconds: int, limits: Limits, until: float) -> None:
        """For whole minutes: never less than was asked for."""
        order: dict[str, object] = {
            "cmd": "authorize-guest",
            "mac": mac,
            "minutes": math.ceil(seconds / 60),
        }
        for name, kbit_s in (("down", limits.down_kbit_s), ("up", limits.up_kbit_s)):
            if 0 < kbit_s <= _FASTEST_KBIT_S:
                order[name] = max(kbit_s, _SLOWEST_KBIT_S)
        if limits.bytes:
            order["bytes"] = min(math.ceil(limits.bytes / _MB), _MOST_MB)
        self.line.ask("POST", "cmd/stamgr", until, order)

    def unauthorise(self, mac: str, until: float) -> None:
        self.line.ask("POST", "cmd/stamgr", until, {"cmd": "unauthorize-guest", "mac": mac})

    def guests(self, until: float) -> dict[str, Guest]:
        """Who is connected to a guest network; nobody else's address is kept."""
        answer = self.line.ask("GET", "stat/sta", until)
        return {
            mac: Guest(
                address=_text(row.get("ip")),
                is_authorised=row.get("authorized") is True,
                counters=Counters(_number(row.get("rx_bytes")), _number(row.get("tx_bytes"))),
                whereabouts=_whereabouts(row),
            )
            for row in answer.data
            if row.get("is_guest") is True and (mac := _mac(row))
        }

    def seconds_left(self, longest_s: float, until: float) -> Mapping[str, float]:
        """Of all who may still pass, connected or not, if nobody was let in for longer."""
        # One hour more, for what is rounded up.
        within = {"within": math.ceil(longest_s / 3600) + 1}
        answer = self.line.ask("POST", "stat/guest", until, within)
        left: dict[str, float] = {}
        for row in answer.data:
            mac, seconds = _mac(row), _number(row.get("end")) - answer.console_time
            if mac and seconds > 0 and row.get("expired") is not True:
                left[mac] = max(seconds, left.get(mac, 0.0))
        return left


def read_mac(text: str) -> str | None:
    """In the form of the gate's language, whatever the case and the marks between octets."""
    mac = text.lower().replace("-", ":")
    try:
        check_mac(mac)
    except ProtocolError:
        return None
    return mac


def _mac(row: Mapping[str, Any]) -> str | None:
    return read_mac(_text(row.get("mac")))


def _whereabouts(row: Mapping[str, Any]) -> Whereabouts:
    more = row.get("ipv6_address")
    addresses = [row.get("ip"), *(more if isinstance(more, list) else [])]
    return whereabouts.read(addresses, read_mac(_text(row.get("ap_mac"))) or "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    # A console sends numbers that are not whole, too.
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**63 else 0

"""`make soak`: the whole appliance lives through two days of a shop, many times as fast.

    python -m tests.bench.soak [MINUTES] [SPEED]

Shoppers log in and use the internet, phones pass the sensor. Memory, file descriptors and threads
are looked at twice a minute. Near the middle a new day of the store begins, so that what belongs
to a day alone is forgotten. Each program may hold no more by `ALLOWED` in the second day than so
long after the first began. Exit status 1 if one does. Needs root.
"""

import datetime as dt
import json
import sys
import time
import zoneinfo
from pathlib import Path
from typing import NamedTuple, Self

from tests.bench import box
from tests.bench.processes import Sample, sample
from tests.bench.store_life import StoreLife

_EVERY_S = 30
_OUTPUT = Path("build/soak.json")
# Of a shop with 10,000 phones a day, 2,000 of whom log in, within 12 hours.
_PROBES_S, _LOGINS_S, _PACKETS_S = 6.0, 0.05, 20.0
# They stay online so long; else ever more would be, and with them what programs hold.
_STAY_S = 5400
# What has come in a window is read again at each turn until it is over.
_WINDOW_S, _SHORTEST_WINDOW_S = 900, 60
# A store's day begins at a full hour until noon: one of them has each half an hour there.
_ZONES = ("UTC", "Asia/Shanghai", "Pacific/Honolulu", "Asia/Kolkata", "Pacific/Marquesas")
_LAST_HOUR = 12
# What fills up to its bound at first takes so long.
_LEAST_DAY_S = 12 * 60


class Limit(NamedTuple):
    name: str
    an_hour: float
    """At this speed; what grows by less is noise."""
    in_all: float
    """So is this, however short the time."""


ALLOWED = (Limit("mib", 8.0, 0.3), Limit("handles", 6.0, 2.5), Limit("threads", 6.0, 1.5))


class SecondDay(NamedTuple):
    begins: dt.datetime
    zone: str
    hour: int
    """Of that zone."""

    @classmethod
    def near(cls, middle: dt.datetime) -> Self:
        hour = middle.replace(minute=0, second=0, microsecond=0)
        found = []
        for at in (hour + dt.timedelta(minutes=minutes) for minutes in range(-30, 91, 30)):
            for zone in _ZONES:
                there = at.astimezone(zoneinfo.ZoneInfo(zone))
                if there.minute == 0 and there.hour <= _LAST_HOUR:
                    found.append((abs(at - middle), cls(at, zone, there.hour)))
        return min(found)[1]


def main(minutes: float = 60, speed: float = 20) -> int:
    if reason := box.missing():
        print(f"not run: {reason}", file=sys.stderr)
        return 1
    now = dt.datetime.now(dt.UTC)
    second = SecondDay.near(now + dt.timedelta(minutes=minutes / 2))
    first_s = (second.begins - now).total_seconds()
    if min(first_s, minutes * 60 - first_s) < _LEAST_DAY_S:
        print("MINUTES: too few for two days, give it 60", file=sys.stderr)
        return 1
    stay_s = max(round(_STAY_S / speed), 60)
    quick = {
        "STORE__TIME_ZONE": second.zone,
        "STORE__DAY_BEGINS": f"{second.hour:02}:00",
        "TRAFFIC__WINDOW_S": max(round(_WINDOW_S / speed), _SHORTEST_WINDOW_S),
        "JOBS__ROLL_UP_EVERY_S": max(round(60 / speed), 1),
        "PLANS__GUEST__SESSION_LENGTH_S": stay_s,
        "PLANS__MEMBER__SESSION_LENGTH_S": stay_s,
    }
    samples: list[tuple[float, dict[str, Sample]]] = []
    with (
        box.box(**quick) as running,
        StoreLife(
            running,
            probes_s=_PROBES_S * speed,
            logins_s=_LOGINS_S * speed,
            packets_s=_PACKETS_S * speed,
        ) as life,
    ):
        begin, written = time.monotonic(), running.disk.written()
        first_s = (second.begins - dt.datetime.now(dt.UTC)).total_seconds()
        while time.monotonic() < begin + minutes * 60:
            time.sleep(_EVERY_S)
            samples.append((time.monotonic() - begin, sample(running.pids())))
            print(_line(*samples[-1]), file=sys.stderr, flush=True)
        done = dict(life.done)
        written_mb = (running.disk.written() - written) / 1e6
        size_mib = sum(file.stat().st_size for file in running.data.glob("doorman.sqlite*")) / 2**20
    lost = {name: count for name, count in done.items() if name.startswith("lost")}
    found = verdict(samples, first_s)
    _OUTPUT.parent.mkdir(exist_ok=True)
    _OUTPUT.write_text(
        json.dumps(
            {"done": done, "written_mb": written_mb, "database_mib": size_mib, "growth": found}
        )
    )
    print(f"done: {done}; database {size_mib:.1f} MiB; {written_mb:.0f} MB written")
    for line in found:
        print(f"{line['program']:10} {line['what']:8} {line['an_hour']:+8.2f} an hour", end="")
        print("" if line["level"] else "   GROWS")
    return 0 if all(line["level"] for line in found) and not lost else 1


def verdict(samples: list[tuple[float, dict[str, Sample]]], first_s: float) -> list[dict]:
    """Of each program and measure, by how much it holds more in the second day than in the first.

    Each time by the least of some minutes: connections, and what a turn takes, come and go.

    Args:
        samples: each with its seconds since the first day began.
        first_s: the length of the first day.
    """
    until_s = min(first_s, samples[-1][0] - first_s)
    days = [
        [found for at, found in samples if until_s * 0.75 <= at - since_s < until_s]
        for since_s in (0, first_s)
    ]
    rows = []
    for program in days[0][0]:
        for limit in ALLOWED:
            first, second = (
                min(getattr(found[program], limit.name) for found in day) for day in days
            )
            an_hour = (second - first) / (first_s / 3600)
            level = an_hour <= limit.an_hour or second - first <= limit.in_all
            rows.append(
                {"program": program, "what": limit.name, "an_hour": an_hour, "level": level}
            )
    return rows


def _line(at: float, found: dict[str, Sample]) -> str:
    each = " ".join(f"{name} {of.mib:.0f}/{of.handles}" for name, of in found.items())
    return f"{at:6.0f} s  {sum(of.mib for of in found.values()):.0f} MiB  {each}"


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))

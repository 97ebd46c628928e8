"""`make soak`: the whole appliance lives through hours of a shop, many times as fast.

    python -m tests.bench.soak [MINUTES] [SPEED]

Shoppers log in and use the internet, phones pass the sensor, a manager looks at the dashboard's
sign-in. Memory, file descriptors, threads and the database are looked at twice a minute. At the
end each has to be level: over the second half of the time it may grow by no more than `ALLOWED`.
Exit status 1 if one is not. Needs root.
"""

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.bench import box
from tests.bench.processes import Sample, sample
from tests.bench.store_life import StoreLife

_EVERY_S = 30
_OUTPUT = Path("build/soak.json")
# Of a shop with 10,000 phones a day, 2,000 of whom log in, within 12 hours.
_PROBES_S, _LOGINS_S, _PACKETS_S = 6.0, 0.05, 20.0
# They stay online so long; else ever more would be, and with them what programs hold.
_STAY_S = 5400
_PARTS = 4
# What has come in a window is read again at each turn until it is over.
_WINDOW_S, _SHORTEST_WINDOW_S = 900, 60


class Limit(NamedTuple):
    name: str
    an_hour: float
    """At this speed; what grows by less is noise."""
    in_all: float
    """So is this, however short the time."""


ALLOWED = (Limit("mib", 8.0, 0.3), Limit("handles", 6.0, 2.5), Limit("threads", 6.0, 1.5))


def main(minutes: float = 20, speed: float = 20) -> int:
    if reason := box.missing():
        print(f"not run: {reason}", file=sys.stderr)
        return 1
    stay_s = max(round(_STAY_S / speed), 60)
    quick = {
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
        while time.monotonic() < begin + minutes * 60:
            time.sleep(_EVERY_S)
            samples.append((time.monotonic() - begin, sample(running.pids())))
            print(_line(*samples[-1]), file=sys.stderr, flush=True)
        done = dict(life.done)
        written_mb = (running.disk.written() - written) / 1e6
        size_mib = sum(file.stat().st_size for file in running.data.glob("doorman.sqlite*")) / 2**20
    lost = {name: count for name, count in done.items() if name.startswith("lost")}
    found = verdict(samples)
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


def verdict(samples: list[tuple[float, dict[str, Sample]]]) -> list[dict]:
    """Of each program and measure, its growth over the second half of the time.

    By the least of each quarter of it: connections, and what a turn takes, come and go.
    """
    half = [each for each in samples if each[0] >= samples[-1][0] / 2]
    parts = min(_PARTS, len(half))
    quarters = [half[len(half) * n // parts : len(half) * (n + 1) // parts] for n in range(parts)]
    hours = [sum(at for at, _ in each) / len(each) / 3600 for each in quarters]
    rows = []
    for program in half[0][1]:
        for limit in ALLOWED:
            least = [min(getattr(f[program], limit.name) for _, f in each) for each in quarters]
            slope = float(np.polyfit(hours, least, 1)[0])
            rows.append(
                {
                    "program": program,
                    "what": limit.name,
                    "an_hour": slope,
                    "level": slope <= limit.an_hour
                    or slope * (hours[-1] - hours[0]) <= limit.in_all,
                }
            )
    return rows


def _line(at: float, found: dict[str, Sample]) -> str:
    each = " ".join(f"{name} {of.mib:.0f}/{of.handles}" for name, of in found.items())
    return f"{at:6.0f} s  {sum(of.mib for of in found.values()):.0f} MiB  {each}"


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))

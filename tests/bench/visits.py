"""How true visitors, entry rate, dwell and their intervals are, in shops whose truth is known.

`make bench-accuracy` plays scene-days of seeds that no constant was chosen on, prints tables and
writes docs/figures/visits-accuracy.md. Beside them: inside and outside of a building's entry.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sniffer.scene.shop import Scene
from tests.bench import entry_signals, shop_days
from tests.bench.shop_days import Outcome, Pair

SEEDS = range(1000, 1050)
USUAL_SEEDS = range(2000, 2012)
PAGE = Path("docs/figures/visits-accuracy.md")
DAY_POINTS, HOUR_POINTS = 0.05, 0.10
BUCKET_GOAL, COVERS = 0.85, (0.90, 0.98)


def main() -> None:
    lines = [*_table(), "", *entry_signals.table()]
    print("\n".join(lines))
    head, _, rest = PAGE.read_text("utf-8").partition("<!-- table -->\n")
    _, _, tail = rest.partition("<!-- end -->\n")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    body = [f"Measured at commit {commit}.", "", *lines]
    PAGE.write_text(f"{head}<!-- table -->\n" + "\n".join(body) + f"\n<!-- end -->\n{tail}")


def _table() -> Iterator[str]:
    mixed = [_played(shop_days.shop(seed)) for seed in SEEDS]
    usual = [_played(shop_days.usual(seed)) for seed in USUAL_SEEDS]
    heads = f"{len(mixed)} shops of all sorts", f"{len(usual)} days of `doorman simulate`"
    yield f"| | {heads[0]} | {heads[1]} | goal |"
    yield "|---|---|---|---|"
    columns = [dict(_rows(each)) for each in (mixed, usual)]
    for name, first in columns[0].items():
        yield f"| {name} | {first} | {columns[1][name]} | {_GOALS.get(name, '')} |"
    yield ""
    yield "| shops of all sorts | days | entry rate: mean error | passers-by | visitors |"
    yield "|---|---|---|---|---|"
    for name, those in _sorts(mixed).items():
        if those:
            rate = 100 * _mean(each.entry_rate.error for each in those)
            passed, came = (
                100 * _mean(pair.log_error for pair in pairs)
                for pairs in zip(*((o.passers_by, o.visitors) for o in those), strict=True)
            )
            cells = f"{rate:+.1f} points | {passed:+.0f} % | {came:+.0f} %"
            yield f"| {name} | {len(those)} | {cells} |"


def _played(scene: Scene) -> Outcome:
    found = shop_days.outcome(scene)
    sys.stderr.write(f"seed {scene.seed}: {found.entry_rate.figure.value:.3f}")
    sys.stderr.write(f" for {found.entry_rate.truth:.3f}\n")
    return found


_GOALS = {
    "days whose entry rate is within 5 points": "all",
    "hours whose entry rate is within 10 points": "all",
    "visits of 5 min and more, in the right bucket by its numbers": "85 %",
    "the same, visit by visit": "85 %",
} | {
    f"95 % intervals hold: {name}": "90 to 98 %"
    for name in ("entry rate, day", "entry rate, hour", "visitors", "passers-by", "median dwell")
}


def _rows(found: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    rates, hours = [o.entry_rate for o in found], [hour for o in found for hour in o.hours]
    visits = [right for o in found for right in o.single_visits]
    worst = max(abs(each.error) for each in rates)
    yield (
        "entry rate of a day: mean error, and mean of what it is off",
        (
            f"{100 * _mean(r.error for r in rates):+.1f}, "
            f"{100 * _mean(abs(r.error) for r in rates):.1f} points; worst {100 * worst:.1f}"
        ),
    )
    yield (
        "the same of visits as they are heard",
        (f"{100 * _mean(o.plain_rate - o.entry_rate.truth for o in found):+.1f} points"),
    )
    yield "days whose entry rate is within 5 points", _share(_within(rates, DAY_POINTS))
    yield "hours whose entry rate is within 10 points", _share(_within(hours, HOUR_POINTS))
    yield "visitors: mean error, and spread", _spread([o.visitors for o in found])
    yield "passers-by: mean error, and spread", _spread([o.passers_by for o in found])
    yield "median dwell: mean error, and spread", _spread([o.median for o in found])
    yield (
        "visits of 5 min and more, in the right bucket by its numbers",
        (f"{100 * _mean(o.in_right_bucket for o in found):.0f} %"),
    )
    yield "the same, visit by visit", _share(visits)
    pairs = {
        "entry rate, day": rates,
        "entry rate, hour": hours,
        "visitors": [o.visitors for o in found],
        "passers-by": [o.passers_by for o in found],
        "median dwell": [o.median for o in found],
    }
    for name, of in pairs.items():
        yield f"95 % intervals hold: {name}", _share([each.is_inside for each in of])
    thresholds = [o.zones.inside_dbm for o in found]
    yield "`inside_dbm` learnt", f"{min(thresholds)} to {max(thresholds)} dBm"


def _sorts(found: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    return {
        "one sensor": [o for o in found if o.scene.sensors == 1 and not o.scene.hop_s],
        "one sensor that hops": [o for o in found if o.scene.sensors == 1 and o.scene.hop_s],
        "two sensors": [o for o in found if o.scene.sensors > 1],
        "60 people an hour": [o for o in found if o.scene.people_per_hour < 100],
        "300 people an hour": [o for o in found if o.scene.people_per_hour > 200],
    }


def _within(pairs: Sequence[Pair], points: float) -> list[bool]:
    return [abs(each.error) <= points for each in pairs]


def _share(those: Sequence[bool]) -> str:
    return f"{100 * _mean(those):.0f} % of {len(those):,}"


def _spread(pairs: Sequence[Pair]) -> str:
    logs = [each.log_error for each in pairs]
    return f"{100 * statistics.mean(logs):+.0f} %, {100 * statistics.stdev(logs):.0f} %"


def _mean(values) -> float:
    return statistics.mean(float(value) for value in values)


if __name__ == "__main__":
    main()

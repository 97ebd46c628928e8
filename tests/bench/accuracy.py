"""How well devices are counted and told apart in captures whose truth is known.

`make bench` asks the mixes of single phones and the lecture room. `make bench-accuracy` asks
everything, prints the table and writes docs/figures/accuracy.md.
"""

import datetime as dt
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sniffer.frames import LINK_RADIOTAP, Frame
from sniffer.scene.crowd import Crowd
from sniffer.scene.shop import Scene
from tests.bench import generator, known, laboratory
from tests.bench.figure import figure
from tests.bench.known import Outcome, single_phones

__all__ = ["measure", "single_phones"]

DRAWS = 30
COUNTS = (5, 10, 15, 22)
# The mean error of ARGO's own answers (its Results_1.txt), as they are, and each window's
# calibrated on the others as ours are, but for how long it lasted, which makes it worse.
ARGO_BEST_PERCENT, ARGO_CALIBRATED_PERCENT = 20.7, 22.7
SIMPLE = ("components", "fingerprints", "addresses")
SIGNALS_DBM = (-128, -90, -85, -80)
# Of the 22 phones (docs/decisions/0018-devices.md): so many are heard at all in a short capture.
SCANS_PER_MIN = 0.84
PAGE = Path("docs/figures/accuracy.md")
START = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def measure() -> list[dict]:
    data = known.folder()
    if data is None:
        return []
    phones = single_phones(data / "pintor_atzori_2021/pcap")
    rows, inside = [], []
    for count in COUNTS:
        found = [known.outcome(*mix) for mix in _with_truth(known.mixes(phones, count, 10))]
        inside += [each.is_inside for each in found]
        rows += _mix_rows(count, found)
    rows.append(_row("interval_covers", "%", 100 * statistics.mean(inside), 95, at_least=True))
    frames, people = known.room(data)
    found = list(map(known.outcome, frames, people))
    rows += [
        _row("count_error.room", "%", _error(found), ARGO_BEST_PERCENT,
             peer=("ARGO's own best run", ARGO_BEST_PERCENT)),
        _row("count_error.room_calibrated", "%", _room_left_out(frames, people), 18,
             peer=("ARGO's own best run", ARGO_CALIBRATED_PERCENT)),
    ]  # fmt: skip
    return rows


def _mix_rows(count: int, found: list[Outcome]) -> Iterator[dict]:
    peer, theirs = min(((each, _error(found, each)) for each in SIMPLE), key=lambda pair: pair[1])
    yield _row(f"count_error.{count}_phones", "%", _error(found), 10, peer=(peer, theirs))
    peer, theirs = max(((each, _v(found, each)) for each in SIMPLE), key=lambda pair: pair[1])
    yield _row(f"v_measure.{count}_phones", "", _v(found), 0.98, peer=(peer, theirs), at_least=True)


def _row(name, unit, value, limit, *, peer=None, at_least=False) -> dict:
    named, beside = peer or ("as it says", limit)
    return figure(
        f"sensor.{name}", unit=unit, value=value, peer=named, peer_value=beside,
        goal=f"at {'least' if at_least else 'most'} {limit} {unit}".rstrip(),
        met=value >= limit if at_least else value <= limit,
    )  # fmt: skip


def _with_truth(mixes) -> Iterator[tuple]:
    for frames, owners in mixes:
        yield frames, len(set(owners)), owners


def _error(found: list[Outcome], of: str = "devices") -> float:
    return 100 * statistics.mean(abs(each.error(of)) for each in found)


def _v(found: list[Outcome], of: str = "devices") -> float:
    return statistics.mean(each.v_measures[of] for each in found)


def main() -> None:
    data = known.folder()
    if data is None:
        return
    lines = [*_counting_table(data), "", *_calibrated_table(data)]
    print("\n".join(lines))
    head, _, rest = PAGE.read_text("utf-8").partition("<!-- table -->\n")
    _, _, tail = rest.partition("<!-- end -->\n")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    body = [f"Measured at commit {commit}.", "", *lines]
    PAGE.write_text(f"{head}<!-- table -->\n" + "\n".join(body) + f"\n<!-- end -->\n{tail}")


def _counting_table(data: Path) -> Iterator[str]:
    titles = ("what", "error", "and sign", *SIMPLE, "V", "components' V", "covered", "goal")
    yield "| " + " | ".join(titles) + " |"
    yield "|---" * len(titles) + "|"
    for name, goal, found in _counted(data):
        sys.stderr.write(f"{name}\n")
        error, simple = _error(found), [f"{_error(found, each):,.0f} %" for each in SIMPLE]
        sign = 100 * statistics.mean(each.error() for each in found)
        known_owners = all(each.v_measures for each in found)
        v = [f"{_v(found, of):.3f}" if known_owners else "" for of in ("devices", "components")]
        covered = 100 * statistics.mean(each.is_inside for each in found)
        met = "" if goal is None else f"≤ {goal} %: {'yes' if error <= goal else 'no'}"
        cells = [name, f"{error:.1f} %", f"{sign:+.0f} %", *simple, *v, f"{covered:.0f} %", met]
        yield "| " + " | ".join(cells) + " |"


def _counted(data: Path) -> Iterator[tuple[str, int | None, list[Outcome]]]:
    files = data / "pintor_atzori_2021/pcap"
    for of, phones in (
        ("a file each", known.single_channels(files)),
        ("a session each", single_phones(files)),
    ):
        names = sorted(phones)
        halves = {"22": names, "11 fitted on": names[::2], "11 others": names[1::2]}
        for half, chosen in halves.items():
            for count in COUNTS:
                if count <= len(chosen) and (half == "22" or count in (5, 10)):
                    picked = {name: phones[name] for name in chosen}
                    mixes = _with_truth(known.mixes(picked, count, DRAWS))
                    found = [known.outcome(*mix) for mix in mixes]
                    yield f"{count} of {half} phones, {of}", 10, found
    frames, people = known.room(data)
    yield "lecture room, people", None, list(map(known.outcome, frames, people))
    base = data / "polito_generator/database"
    for phones_there in (60, 120):
        for minutes in (5, 15, 30):
            crowds = (generator.crowd(base, phones_there, minutes, seed) for seed in range(5))
            found = [known.outcome(*crowd) for crowd in crowds]
            yield f"generator, {phones_there} phones, {minutes} min", 20, found
    yield from _scenes()


def _scenes() -> Iterator[tuple[str, int, list[Outcome]]]:
    for same in (0.0, 0.5):
        alike = f", {same:.0%} of one model" if same else ""
        for count in (60, 120):
            rooms = [Crowd(START, seed=seed, devices=count, same_model=same) for seed in range(6)]
            yield f"our room, {count} phones, 15 min{alike}", 20, [_played(each) for each in rooms]
        shops = [
            Scene(START, seed=seed, hours=1, people_per_hour=150, same_model=same)
            for seed in range(3)
        ]
        yield f"our shop, an hour{alike}", 20, [_played(each) for each in shops]


def _played(staging) -> Outcome:
    heard = [(each, each.phone) for each in staging.record() if each.phone is not None]
    frames = [Frame(each.at_us, LINK_RADIOTAP, each.data) for each, _ in heard]
    owners = [str(phone) for _, phone in heard]
    return known.outcome(frames, len(set(owners)), owners)


def _calibrated_table(data: Path) -> Iterator[str]:
    yield "| calibrated, then asked of other windows or days | measured | goal |"
    yield "|---|---|---|"
    error = _room_left_out(*known.room(data))
    yield f"| lecture room, each window of ten | {error:.1f} % | ≤ 18 %: {_met(error <= 18)} |"
    off, r, windows = laboratory.measure(data / "brno_lab_2022")
    yield f"| laboratory, {windows} windows | {off:.2f} people | ≤ 1.7: {_met(off <= 1.7)} |"
    yield f"| laboratory, correlation | {r:.3f} | ≥ 0.93: {_met(r >= 0.93)} |"


def _met(it: bool) -> str:
    return "yes" if it else "no"


def _room_left_out(frames: list[list[Frame]], people: list[int]) -> float:
    """Mean error in percent: the signal and people for each device learnt from the others.

    Devices are those that would have been heard in a longer time: the first capture lasts
    36 seconds, the others two minutes.
    """
    counts = np.array(
        [
            [known.outcome(known.stronger(each, signal), 1).devices for each in frames]
            for signal in SIGNALS_DBM
        ]
    )
    lasts_min = np.array([np.ptp([frame.at_us for frame in each]) / 60e6 for each in frames])
    counts = counts / -np.expm1(-SCANS_PER_MIN * lasts_min)
    truth = np.array(people)
    errors = []
    for asked in range(len(people)):
        others = np.arange(len(people)) != asked
        factors = np.median(truth[others] / counts[:, others], axis=1)
        off = np.abs(factors[:, None] * counts[:, others] / truth[others] - 1).mean(axis=1)
        best = int(off.argmin())
        errors.append(abs(factors[best] * counts[best, asked] / truth[asked] - 1))
    return 100 * float(np.mean(errors))


if __name__ == "__main__":
    main()

"""Scene-days of shops, and how true the figures made of them are.

Small and large shops, quiet and busy, of one or two sensors, that hop or do not. What is heard
goes the way of a day file: decoded, copies dropped, fixtures left out, put into bursts.
"""

import dataclasses
import datetime as dt
import math
import random
import zoneinfo
from collections.abc import Iterator, Sequence

import numpy as np

from analytics.estimates import comers, dwell, estimator, makes
from analytics.estimates.comers import Heard, HeardDay
from analytics.estimates.zones import Zones
from analytics.figures.margins import Figure
from analytics.visits import windows
from analytics.visits.sightings_table import Sightings
from core.models.traffic import DWELL_BUCKETS
from core.pseudonym import DayKeys
from core.setting_groups.traffic import TrafficSettings
from sniffer import frames
from sniffer.duplicates import Duplicates
from sniffer.frames import LINK_RADIOTAP
from sniffer.scene.people import Kind
from sniffer.scene.shop import Scene
from sniffer.scene.truth import Truth

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
RULES = TrafficSettings()
COMERS = (Kind.PASSER_BY, Kind.WINDOW_SHOPPER, Kind.VISITOR)
BEGINS_S = np.array(list(DWELL_BUCKETS.values()))
# A burst is put down when its first frame came.
BURST_S = 5.0


@dataclasses.dataclass(frozen=True)
class Pair:
    """A figure and the truth."""

    figure: Figure
    truth: float

    @property
    def error(self) -> float:
        return self.figure.value - self.truth

    @property
    def log_error(self) -> float:
        return math.log(max(self.figure.value, 0.5) / max(self.truth, 0.5))

    @property
    def is_inside(self) -> bool:
        return self.figure.low <= self.truth <= self.figure.high


@dataclasses.dataclass(frozen=True)
class Outcome:
    scene: Scene
    zones: Zones
    entry_rate: Pair
    plain_rate: float
    """As visits that were heard have it."""
    visitors: Pair
    passers_by: Pair
    median: Pair
    hours: list[Pair]
    in_right_bucket: float
    """Of visits of five minutes and more, by their numbers in each bucket."""
    single_visits: list[bool]
    """Of each such visit, whether its own stay was put into the right bucket."""


def shop(seed: int) -> Scene:
    """Small and large, quiet and busy, one or two sensors, that hop or do not."""
    rng = random.Random(f"config {seed}")
    drawn = {
        "hours": rng.choice([6, 8, 10, 12]),
        "people_per_hour": rng.choice([60, 100, 185, 185, 300]),
        "entry_rate": rng.choice([0.06, 0.1, 0.15, 0.15, 0.2, 0.3, 0.4]),
        "sensors": rng.choice([1, 1, 1, 2]),
        "hop_s": rng.choice([0.0, 0.0, 0.0, 2.0]),
        "year": rng.choice([None, None, None, 2024, 2028]),
        "same_model": rng.choice([0.0, 0.0, 0.0, 0.0, 0.1]),
        "staff": rng.choice([1, 2, 3, 3, 5]),
        "around_h": rng.choice([0.0, 0.0, 0.5]),
    }
    start = dt.datetime(2026, 5, rng.randrange(1, 29), rng.choice([9, 10, 11]), tzinfo=ZONE)
    return Scene(start, seed=seed, **drawn)


def usual(seed: int) -> Scene:
    """A day as `doorman simulate` invents it."""
    return Scene(dt.datetime(2026, 5, 16, 10, tzinfo=ZONE), seed=seed)


def played(scene: Scene) -> tuple[Sightings, np.ndarray, Truth]:
    """What its sensors write down, whose each sighting is, and what really happened."""
    recording, keys, copies = scene.record(), DayKeys(40), Duplicates()
    rows: list[list[int]] = []
    place: dict[tuple[int, int], int] = {}
    for frame in recording:
        request = frames.decode(frame.data, LINK_RADIOTAP)
        if isinstance(request, frames.Rejected):
            continue
        address = keys.pseudonym(dt.date.min, b"address", request.address)
        copy = copies.before(address, request.sequence, frame.at_us, request.signal_dbm)
        if copy is None:
            look = keys.pseudonym(dt.date.min, b"fingerprint", request.fingerprint)
            place[address, request.sequence] = len(rows)
            row = [frame.at_us, address, look, request.is_randomised, request.signal_dbm]
            rows.append([*row, frame.phone])
        elif copy.is_weaker:
            rows[place[address, request.sequence]][4] = request.signal_dbm
    columns = np.array(rows, dtype=np.int64).T
    columns = columns[:, np.argsort(columns[0], kind="stable")]
    at_us, address, look, randomised, signal, phone = columns
    heard = Sightings(at_us, address, look, randomised.astype(bool), signal.astype(np.int16))
    return heard, phone, recording.truth()


def outcome(scene: Scene) -> Outcome:
    sightings, phone, truth = played(scene)
    folded = windows.whole_day(sightings, {}, RULES)
    until_s = scene.start.timestamp() + scene.listens_s[1]
    day = HeardDay.of(Heard.of_bursts(folded.bursts), until_s)
    zones = day.zones()
    rules = RULES.model_copy(update=zones._asdict())
    true_hours = truth.hours()
    hours_s = np.array([hour.start.timestamp() for hour in true_hours])
    found = estimator.estimate(comers.find(day, rules), rules, hours_s, until_s)
    carried = np.bincount([each.person for each in truth.devices], minlength=len(truth.people))
    near = sum(int(carried[person.number]) for person, _ in truth.trips(*COMERS))
    visits = list(_visits(truth))
    long_s = np.array([stay_s for _, _, stay_s in visits if stay_s >= RULES.visitor_after_s])
    counted = np.isin(sightings.address, folded.bursts["address"])
    single = _single(sightings.rows(counted), phone[counted], visits, until_s, rules)
    return Outcome(
        scene=scene,
        zones=zones,
        entry_rate=Pair(found.day.entry_rate, truth.entry_rate),
        plain_rate=float(folded.visits["visitor"].mean()),
        visitors=Pair(found.day.visitors, len(long_s)),
        passers_by=Pair(found.day.passers_by, near - len(long_s)),
        median=Pair(found.dwell_median_s, float(np.median(long_s))),
        hours=[
            Pair(figures.entry_rate, hour.entry_rate)
            for figures, hour in zip(found.hours, true_hours, strict=True)
        ],
        in_right_bucket=_alike(list(found.dwell_visits.values())[1:], long_s),
        single_visits=list(single),
    )


def _visits(truth: Truth) -> Iterator[tuple[int, float, float]]:
    """Device, when it came in, and for how long it stayed."""
    start_s = truth.start.timestamp()
    for device in truth.devices:
        for trip in truth.people[device.person].trips:
            if trip.inside_s and trip.kind is Kind.VISITOR:
                since_s, until_s = trip.inside_s
                yield device.number, start_s + since_s, until_s - since_s


def _alike(visits: Sequence[float], long_s: np.ndarray) -> float:
    shares = np.array(visits) / sum(visits)
    true = np.bincount(_bucket(long_s), minlength=len(BEGINS_S))[1:] / len(long_s)
    return float(np.minimum(shares, true).sum())


def _bucket(stay_s: np.ndarray) -> np.ndarray:
    return np.searchsorted(BEGINS_S, stay_s, side="right") - 1


def _single(
    sightings: Sightings,
    phone: np.ndarray,
    visits: list[tuple[int, float, float]],
    until_s: float,
    rules: TrafficSettings,
) -> Iterator[bool]:
    """Whether the stay in which most of a visit's sightings are has its bucket."""
    at_s = sightings.heard_at_us / 1e6
    heard = Heard(at_s, sightings.address, sightings.fingerprint, sightings.randomised,
                  sightings.signal_dbm.astype(float))  # fmt: skip
    make = makes.tell_apart(*heard[:4]).of_each
    found = comers.find(HeardDay.of(heard, until_s), rules)
    stays = found.visits
    fitted = dwell.fit(
        stays.span_s, until_s - stays.last_s, found.visit_weight, found.visit_tells, found.silences
    )
    ends = np.searchsorted(dwell.STAYS_S, [*BEGINS_S, np.inf])
    upto = np.cumsum(np.pad(fitted.of_each, ((0, 0), (1, 0))), axis=1)[:, ends]
    likeliest = np.diff(upto, axis=1).argmax(axis=1)
    for device, since_s, stay_s in visits:
        if stay_s < RULES.visitor_after_s:
            continue
        its = (phone == device) & (at_s >= since_s) & (at_s <= since_s + stay_s)
        within = (
            (stays.make == make[its, None])
            & (stays.first_s - BURST_S <= at_s[its, None])
            & (at_s[its, None] <= stays.last_s + BURST_S)
        ).sum(axis=0)
        right = likeliest[within.argmax()] == _bucket(np.array([stay_s]))[0]
        yield bool(within.any() and right)

"""Picks the stays that stand for all who came near, and says for how many each stands. Pure.

Of the makes of phone (`estimates.makes`), those that are there all the time show nobody else
and are left out. A make is as common among visitors as among passers-by: so how many visitors
carry a make that is always inside is seen in the street, and the other way round.
"""

import dataclasses
from typing import NamedTuple, Self

import numpy as np

from analytics.devices.linking import Bools, Floats, Ints
from analytics.estimates import makes, stays, zones
from analytics.estimates.silences import Silences
from analytics.estimates.stays import Bursts, Stays
from analytics.estimates.zones import Zones
from analytics.visits import bursts
from core.setting_groups.traffic import TrafficSettings

# What is so much weaker than the threshold is none of the store's, what is so much stronger is.
_FAR_DB = 10

# Of a make that is there for less of the time, stays mostly are of one phone: of others, two that
# follow each other look like one that stays for long.
_ALONE = 0.3

# Fewer stays inside that were heard twice, or outside, say too little.
_LEAST = 20


class Heard(NamedTuple):
    """Sightings of one day in any order, or bursts of one address and look; no fixtures."""

    heard_at_s: Floats
    address: Ints
    fingerprint: Ints
    randomised: Bools
    strongest_dbm: Floats

    @classmethod
    def of_bursts(cls, rows: bursts.Rows) -> Self:
        return cls(
            rows["heard_at_us"] / 1e6,
            rows["address"],
            rows["fingerprint"],
            rows["randomised"],
            rows["strongest_dbm"].astype(np.float64),
        )

    def only(self, which: Bools) -> "Heard":
        return Heard(
            self.heard_at_s[which],
            self.address[which],
            self.fingerprint[which],
            self.randomised[which],
            self.strongest_dbm[which],
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Comers:
    """Those whose make is not always there."""

    visits: Stays
    visit_weight: Floats
    """For how many each stands."""
    visit_tells: Bools
    """Whether its span is that of a visit: it was heard twice, and mostly is of one phone."""
    passing: Stays
    """Of everybody, on their way past or in."""
    passing_weight: Floats
    silences: Silences


@dataclasses.dataclass(frozen=True, slots=True)
class HeardDay:
    """The bursts of a day until now, by make of phone."""

    bursts: Bursts
    is_shared: Bools
    """Of each make, whether several phones may be of it."""
    always: Bools
    """Of each make, whether it is always there."""
    since_s: float
    until_s: float

    @classmethod
    def of(cls, heard: Heard, until_s: float) -> Self:
        """Args: what was heard; now, or the day's end, on its clock."""
        make, is_shared = makes.tell_apart(
            heard.heard_at_s, heard.address, heard.fingerprint, heard.randomised
        )
        bursts = stays.bursts(heard.heard_at_s, make, heard.strongest_dbm)
        since_s = float(heard.heard_at_s.min(initial=until_s))
        always = stays.always_there(bursts, is_shared, until_s, since_s)
        return cls(bursts, is_shared, always, since_s, until_s)

    def zones(self) -> Zones | None:
        """The thresholds that the day so far shows; None if it shows none."""
        return zones.learn(self.bursts.strongest_dbm[~self.always[self.bursts.make]])


def find(day: HeardDay, rules: TrafficSettings) -> Comers | None:
    """Who came near; None if too little was heard to say.

    Args:
        day: what was heard.
        rules: whose thresholds are those of the signal.
    """
    near = day.bursts.only(day.bursts.strongest_dbm >= rules.outside_dbm)
    visits = stays.inside(near, rules.inside_dbm)
    passing = stays.passing(near, rules.inside_dbm - zones.HYSTERESIS_DB, visits)
    comes, passes = ~day.always[visits.make], ~day.always[passing.make]
    if min((visits.bursts[comes] > 1).sum(), passes.sum()) < _LEAST:
        return None
    present = stays.present(visits, len(day.always), day.until_s, day.since_s)
    weight = stays.stands_for(present) * (1 + _left_out(day, near, rules.inside_dbm))
    kept = near.only(~day.always[near.make])
    return Comers(
        visits=visits.only(comes),
        visit_weight=weight[visits.make[comes]],
        visit_tells=_tell(visits.only(comes), present),
        passing=passing.only(passes),
        passing_weight=weight[passing.make[passes]],
        silences=Silences(stays.silences(kept, rules.inside_dbm, stays.at_once(present))),
    )


def _tell(visits: Stays, present: Floats) -> Bools:
    twice = visits.bursts > 1
    alone = twice & (present[visits.make] < _ALONE)
    return alone if alone.sum() >= _LEAST else twice


def _left_out(day: HeardDay, near: Bursts, inside_dbm: float) -> float:
    """How many more carry a make that is left out, as a part of those whose make is not."""
    total = len(day.always)
    strong = np.bincount(near.make, near.strongest_dbm >= inside_dbm, total)
    mostly_in = 2 * strong > np.bincount(near.make, minlength=total)
    hidden = day.always & day.is_shared
    in_street = np.bincount(stays.passing(near, inside_dbm - _FAR_DB).make, minlength=total)
    in_store = np.bincount(stays.inside(near, inside_dbm + _FAR_DB).make, minlength=total)
    return float(
        in_street[hidden & mostly_in].sum() / max(in_street[~day.always].sum(), 1)
        + in_store[hidden & ~mostly_in].sum() / max(in_store[~day.always].sum(), 1)
    )

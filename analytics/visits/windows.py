"""Folds sightings, window after window, into what a store day is summed up from. Pure.

    sightings > less fixtures > linked > visits, bursts, time inside

`fold` takes all sightings of the windows that come next: of one, or of a whole day. What
goes on from a window to the next is in `Folded`; nothing in it is ever changed, so that a
fold can be taken up again from any window.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.devices import linking
from analytics.devices.linking import Heard
from analytics.devices.names import NOBODY, Names
from analytics.visits import bursts, fixtures, visits
from analytics.visits.occupancy import Occupancy
from analytics.visits.sightings_table import Sightings
from analytics.visits.visits import Near, UnderWay
from core.setting_groups.traffic import TrafficSettings

_Ints = npt.NDArray[np.int64]


class Folded(NamedTuple):
    """Some windows, and what goes on after them."""

    names: Names
    under_way: UnderWay
    ended: visits.Rows
    so_far: visits.Rows
    inside: Occupancy
    inside_so_far: Occupancy
    bursts: bursts.Rows

    def without_memory(self) -> "Folded":
        """The same windows, of which others are left that go on from them."""
        return self._replace(
            names=BEFORE.names,
            under_way=BEFORE.under_way,
            so_far=BEFORE.so_far,
            inside_so_far=BEFORE.inside_so_far,
        )


BEFORE = Folded(
    NOBODY,
    visits.NOBODY,
    visits.NO_VISITS,
    visits.NO_VISITS,
    Occupancy.together(()),
    Occupancy.together(()),
    np.empty(0, bursts.BURST),
)
"""The first window of a day."""


class StoreDay(NamedTuple):
    """All that figures are made of."""

    probe_requests: int
    fixtures: int
    visits: visits.Rows
    """As `analytics.visits.visits.judged` gives them."""
    bursts: bursts.Rows
    """Of what was counted, in order of time; also those too weak to be near."""
    inside: Occupancy
    heard_s: Mapping[int, int]
    """For how long the sensor heard, by the number of the quarter; empty: it does not say."""


def fold(before: Folded, heard: Sightings, left_out: _Ints, rules: TrafficSettings) -> Folded:
    """Go on with all sightings of the windows that come next.

    Args:
        before: the windows until then.
        heard: in order of time.
        left_out: addresses of fixtures, in order.
        rules: thresholds and durations.
    """
    if len(left_out):
        heard = heard.rows(~np.isin(heard.address, left_out))
    if not len(heard.heard_at_us):
        return before._replace(ended=visits.NO_VISITS, inside=BEFORE.inside, bursts=BEFORE.bursts)
    window_us = rules.window_s * 1_000_000
    linked = linking.follow(
        before.names,
        Heard(heard.heard_at_us, heard.address, heard.fingerprint, heard.randomised),
        window_us,
    )
    until_us = (int(heard.heard_at_us[-1]) // window_us + 1) * window_us
    found = visits.follow(
        before.under_way,
        Near(heard.heard_at_us, linked.device, heard.signal_dbm),
        until_us,
        rules,
    )
    return Folded(
        linked.names,
        found.under_way,
        found.ended,
        found.so_far,
        Occupancy.of(*found.spans),
        Occupancy.of(*found.spans_so_far),
        bursts.find(heard, linked.edge, linked.device),
    )


def put_together(
    folded: Sequence[Folded],
    probe_requests: int,
    left_out: _Ints,
    heard_s: Mapping[int, int],
    rules: TrafficSettings,
) -> StoreDay:
    """The day that these windows make, one after the other."""
    folded = folded or [BEFORE]
    found = np.concatenate([*(each.ended for each in folded), folded[-1].so_far])
    return StoreDay(
        probe_requests,
        len(left_out),
        visits.judged(found, rules),
        np.concatenate([each.bursts for each in folded]),
        Occupancy.together([*(each.inside for each in folded), folded[-1].inside_so_far]),
        heard_s,
    )


def whole_day(heard: Sightings, heard_s: Mapping[int, int], rules: TrafficSettings) -> StoreDay:
    """The day of all sightings of a file at once."""
    window = heard.heard_at_us // (rules.window_s * 1_000_000)
    left_out = fixtures.always_there(
        fixtures.heard_in(window, heard.address),
        int(np.count_nonzero(np.diff(window, prepend=-1))),
        rules,
    )
    folded = fold(BEFORE, heard, left_out, rules)
    return put_together([folded], len(heard.heard_at_us), left_out, heard_s, rules)

"""Turns sightings of devices into visits. Pure: columns in, columns out.

                 silence > visit_gap_s
                        |
    device 7   . .  . . | .  .   .....
               `-visit-'   `---visit---'
    inside        ##                ###   smoothed signal >= inside_dbm

A visit is one device's stay near the store: it ends after `visit_gap_s` of silence.
Its time inside is the sum of the spans between neighbouring sightings that were both
inside, so it is the least that the device can have stayed. What the words mean for a
store manager: docs/figures/.

`follow` takes the sightings that come next, whether of a window or of a day, and the
visits that were under way. All sums are of whole microseconds, so it makes no difference,
to the last digit, how a day is cut.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.setting_groups.traffic import TrafficSettings

_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]
_Signals = npt.NDArray[np.int16]
Rows = npt.NDArray[Any]
"""Rows of `VISIT` or `JUDGED_VISIT`."""

VISIT = np.dtype(
    [
        ("device", "i8"),
        ("first_us", "i8"),
        ("last_us", "i8"),
        ("sightings", "i8"),
        ("inside_us", "i8"),
        ("first_inside_us", "i8"),  # -1: it never was
        ("last_inside_us", "i8"),
        ("strongest_dbm", "i2"),
    ]
)
"""A visit, as far as it has been heard."""
JUDGED_VISIT = np.dtype([*VISIT.descr, ("entered", "?"), ("visitor", "?")])
"""A visit as anything is made of it: whether it was ever inside, and as a visitor's."""

# The median looks at two neighbours on either side, so what comes later can still change
# the last two sightings of a visit that goes on. For the one before them, which begins the
# first span that can change, it needs two more.
_UNSURE = 2
_TAIL = 5
_NEVER = -1
_LATE = np.iinfo(np.int64).max


class Near(NamedTuple):
    """Sightings in order of time."""

    heard_at_us: _Ints
    device: _Ints
    signal_dbm: _Signals


class UnderWay(NamedTuple):
    """Visits that may go on, in order of device."""

    certain: Rows
    """What is sure of each, but for the sightings at its end."""
    tail: Near
    """The last sightings of each, `_TAIL` at most."""


class Followed(NamedTuple):
    ended: Rows
    under_way: UnderWay
    so_far: Rows
    """What those come to that are under way, if nothing more is heard of them."""
    spans: _Ints
    """Begin and length of each span inside that is certain: two rows."""
    spans_so_far: _Ints
    """And of those that are not."""


NO_VISITS = np.empty(0, VISIT)
NOBODY = UnderWay(
    NO_VISITS, Near(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int16))
)


def follow(before: UnderWay, heard: Near, until_us: int, rules: TrafficSettings) -> Followed:
    """The visits that end before `until_us`, and those that may go on.

    Args:
        before: what was under way.
        heard: all sightings since then, in order of time, and before `until_us`.
        until_us: what comes next is no earlier.
        rules: thresholds and durations.
    """
    rows = _by_device(before.tail, heard, rules.outside_dbm)
    if not len(rows.device):
        return Followed(NO_VISITS, before, NO_VISITS, _NO_SPANS, _NO_SPANS)
    gap_us = np.r_[np.diff(rows.heard_at_us), 0]
    parts = _parts(rows, gap_us, until_us, rules)
    length, goes_on = parts.length, np.repeat(~parts.ends, parts.length)
    place = np.arange(len(rows.device)) - np.repeat(parts.first, length)
    is_new = place >= np.repeat(parts.known, length) - _UNSURE
    is_sure = ~goes_on | (place < np.repeat(length - _UNSURE, length))
    inside = _smoothed(rows.signal_dbm, parts.first, parts.last) >= rules.inside_dbm
    # A span is as new, and as sure, as the sighting at its end.
    stayed = parts.joined & np.r_[inside[1:] & inside[:-1] & is_new[1:], False]
    sure_end = np.r_[is_sure[1:], False]
    begun = _begun(before.certain, rows, parts)
    so_far = _counted(begun, rows, parts.first, inside & is_new, np.where(stayed, gap_us, 0))
    certain = _counted(
        begun[~parts.ends],
        rows.only(goes_on),
        np.cumsum(length[~parts.ends]) - length[~parts.ends],
        (inside & is_new & is_sure)[goes_on],
        np.where(stayed & sure_end, gap_us, 0)[goes_on],
    )
    tail = rows.only(goes_on & (place >= np.repeat(length, length) - _TAIL))
    spans = np.stack([rows.heard_at_us, gap_us])
    return Followed(
        so_far[parts.ends],
        UnderWay(certain, Near(*tail[:3])),
        so_far[~parts.ends],
        spans[:, stayed & sure_end],
        spans[:, stayed & ~sure_end],
    )


def judged(found: Rows, rules: TrafficSettings) -> Rows:
    """Rows of `JUDGED_VISIT`, in order of time."""
    order = np.lexsort((found["device"], found["first_us"]))
    rows = np.empty(len(found), JUDGED_VISIT)
    for name in VISIT.names or ():
        rows[name] = found[name][order]
    rows["entered"] = rows["first_inside_us"] != _NEVER
    stays = rows["inside_us"] >= rules.visitor_after_s * 1_000_000
    rows["visitor"] = rows["entered"] & stays
    return rows


_NO_SPANS = np.empty((2, 0), np.int64)


class _Rows(NamedTuple):
    """Sightings of one device after the other, each in order of time."""

    heard_at_us: _Ints
    device: _Ints
    signal_dbm: _Signals
    is_tail: _Bools

    def only(self, which: _Bools) -> "_Rows":
        return _Rows(
            self.heard_at_us[which], self.device[which], self.signal_dbm[which], self.is_tail[which]
        )


def _by_device(tail: Near, heard: Near, outside_dbm: int) -> _Rows:
    near = heard.signal_dbm >= outside_dbm
    at_us = np.concatenate([tail.heard_at_us, heard.heard_at_us[near]])
    device = np.concatenate([tail.device, heard.device[near]])
    signal = np.concatenate([tail.signal_dbm, heard.signal_dbm[near]])
    # Stable, so that each device's sightings stay in order of time; and in as few bytes
    # as the labels need: up to two, numpy sorts by radix, ten times as fast.
    narrow = device.astype(np.min_scalar_type(device.max(initial=0)))
    order = np.argsort(narrow, kind="stable")
    return _Rows(at_us[order], device[order], signal[order], order < len(tail.device))


class _Parts(NamedTuple):
    """Where in the rows each visit is."""

    first: _Ints
    last: _Ints
    length: _Ints
    known: _Ints
    """How many of its sightings were the tail of a visit under way."""
    ends: _Bools
    """Whether nothing that comes next can be of it."""
    joined: _Bools
    """Of each sighting, whether the next one is of the same visit."""


def _parts(rows: _Rows, gap_us: _Ints, until_us: int, rules: TrafficSettings) -> _Parts:
    most_us = rules.visit_gap_s * 1_000_000
    joined = np.r_[(np.diff(rows.device) == 0) & (gap_us[:-1] <= most_us), False]
    last = np.flatnonzero(~joined)
    first = np.r_[0, last[:-1] + 1]
    known = np.add.reduceat(rows.is_tail.astype(np.int64), first)
    ends = until_us - rows.heard_at_us[last] > most_us
    return _Parts(first, last, last - first + 1, known, ends, joined)


def _begun(certain: Rows, rows: _Rows, parts: _Parts) -> Rows:
    """The visits, with what was certain of each before these sightings."""
    first, known = parts.first, parts.known
    found = np.zeros(len(first), VISIT)
    found["device"], found["first_us"] = rows.device[first], rows.heard_at_us[first]
    found["first_inside_us"] = found["last_inside_us"] = _NEVER
    found["strongest_dbm"] = np.iinfo(np.int16).min
    # Both are in order of device, and of each device one visit was under way.
    found[known > 0] = certain
    found["last_us"] = rows.heard_at_us[parts.last]
    found["sightings"] += parts.length - known
    strongest = np.maximum.reduceat(rows.signal_dbm, first)
    found["strongest_dbm"] = np.maximum(found["strongest_dbm"], strongest)
    return found


def _counted(begun: Rows, rows: _Rows, first: _Ints, inside: _Bools, stayed_us: _Ints) -> Rows:
    """The visits, with what these sightings add: those inside, and the spans that begin there."""
    found = begun.copy()
    if not len(first):
        return found
    found["inside_us"] += np.add.reduceat(stayed_us, first)
    earliest = np.minimum.reduceat(np.where(inside, rows.heard_at_us, _LATE), first)
    latest = np.maximum.reduceat(np.where(inside, rows.heard_at_us, _NEVER), first)
    is_first = (found["first_inside_us"] == _NEVER) & (earliest != _LATE)
    found["first_inside_us"] = np.where(is_first, earliest, found["first_inside_us"])
    found["last_inside_us"] = np.maximum(found["last_inside_us"], latest)
    return found


def _smoothed(signal: _Signals, first: _Ints, last: _Ints) -> _Signals:
    """Rolling median of five within each visit; beyond its ends, the end value is repeated.

    Indoors, the signal of a phone that lies still goes up and down by 6 dB and more.
    """
    length = last - first + 1
    low, high = np.repeat(first, length), np.repeat(last, length)
    position = np.arange(len(signal))
    a, b, d, e = (signal[np.clip(position + step, low, high)] for step in (-2, -1, 1, 2))
    # Of two pairs, the lowest and the highest value cannot be the median. Ten passes over
    # whole columns; sorting each five would take five times as long.
    lower = np.maximum(np.minimum(a, b), np.minimum(d, e))
    upper = np.minimum(np.maximum(a, b), np.maximum(d, e))
    return _median_of_three(lower, signal, upper)


def _median_of_three(a: _Signals, b: _Signals, c: _Signals) -> _Signals:
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))

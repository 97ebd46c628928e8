"""Tells what is always there from who comes and goes. Pure: columns in, flags out.

A printer, a till or a neighbour's television keeps one address and is heard all day. It
is left out before sightings are linked into devices: its fingerprint may be that of
shoppers' phones as well, and would tie them all to it. A phone of the staff that changes
its address cannot be told from a shopper's and is counted (docs/figures/visitors.md).
"""

import numpy as np
import numpy.typing as npt

from core.setting_groups.traffic import TrafficSettings

# Early in a day nothing can have been near for `fixture_after_h`. An address heard in so
# many of the windows until now, for half that time at least, is a fixture nevertheless.
_NEARLY_EVERY_WINDOW = 0.9


def of_fixture(
    heard_at_s: npt.NDArray[np.float64], address: npt.NDArray[np.int64], rules: TrafficSettings
) -> npt.NDArray[np.bool_]:
    """Which sightings are of an address that is always there, by the windows it is heard in."""
    if not len(address):
        return np.zeros(0, np.bool_)
    code = np.unique(address, return_inverse=True)[1]
    window = (heard_at_s // rules.window_s).astype(np.int64)
    window -= window.min()
    length = int(window.max()) + 1
    heard_in = np.unique(code * length + window)
    windows = np.bincount(heard_in // length)
    all_windows = len(np.unique(heard_in % length))

    present_h = windows * rules.window_s / 3600
    nearly_every = windows >= _NEARLY_EVERY_WINDOW * all_windows
    always = (present_h > rules.fixture_after_h) | (
        nearly_every & (present_h > rules.fixture_after_h / 2)
    )
    return np.asarray(always[code], np.bool_)

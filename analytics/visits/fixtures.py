"""Tells what is always there from who comes and goes. Pure: columns in, addresses out.

A printer, a till or a neighbour's television keeps one address and is heard all day. It
is left out before sightings are linked into devices: its fingerprint may be that of
shoppers' phones as well, and would tie them all to it. A phone of the staff that changes
its address cannot be told from a shopper's and is counted (docs/figures/visitors.md).
"""

import numpy as np
import numpy.typing as npt

from analytics.devices.linking import codes
from core.setting_groups.traffic import TrafficSettings

_Ints = npt.NDArray[np.int64]

# Early in a day nothing can have been near for `fixture_after_h`. An address heard in so
# many of the windows until now, for half that time at least, is a fixture nevertheless.
_NEARLY_EVERY_WINDOW = 0.9


def heard_in(window: _Ints, address: _Ints) -> _Ints:
    """The address of each sighting that is the first of its address in its window."""
    code, addresses = codes(address)
    pairs = codes((window - window.min(initial=0)) * max(len(addresses), 1) + code)[1]
    return addresses[pairs % max(len(addresses), 1)]


def always_there(heard: _Ints, windows: int, rules: TrafficSettings) -> _Ints:
    """The addresses that are fixtures, in order.

    Args:
        heard: each address once for every window in which it was heard.
        windows: in how many windows anything was heard.
        rules: how long a device must be there, and how long a window is.
    """
    code, addresses = codes(heard)
    windows_of = np.bincount(code, minlength=len(addresses))
    present_h = windows_of * rules.window_s / 3600
    nearly_every = windows_of >= _NEARLY_EVERY_WINDOW * windows
    always = (present_h > rules.fixture_after_h) | (
        nearly_every & (present_h > rules.fixture_after_h / 2)
    )
    return np.sort(addresses[always])

"""What comes of having more than one sensor in a store."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sniffer.outlet import Outlet
from sniffer.source import Source


class Joined(NamedTuple):
    sources: Sequence[Source] = ()
    """To be taken from beside the sensor's own radios."""
    lent: Outlet | None = None
    """What the box lends to a sensor that sends there; None: this is the box."""
    wait: Callable[[Callable[[], bool]], None] = lambda _: None
    """Waits until something can be kept, or until what it is given says that all is over."""

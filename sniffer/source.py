"""What a source hands to the sensor: frames, what other sensors heard, and ticks.

A source is anything that hears: a radio interface, a capture file played back, the
line to other sensors. `Intake` takes from several at once, in one thread, by what each
of them offers here.

A source that has several sockets of its own puts them into a `selectors.EpollSelector`
and gives that one's `fileno()`: the kernel reports it readable when any of them is.
"""

import types
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from core.sensor_status import Hearing
from core.sightings import Sighting
from sniffer.frames import Frame

_NOTHING: Mapping[str, int] = types.MappingProxyType({})


class Origin(NamedTuple):
    """The frames that follow were heard by this one of several."""

    name: str


class Tick(NamedTuple):
    """What comes at least once a second, that its reader may look up and stop."""

    tallies: Mapping[str, int] = _NOTHING
    """What the source has counted since the tick before, by the names of the day file."""
    at_us: int | None = None
    """Now, where what is counted belongs to the running day and not to the last frame's."""


class Batch(NamedTuple):
    """What another sensor heard and made pseudonymous itself, under this store's key."""

    heard: Sequence[tuple[Sighting, int]]
    """Each with its frame's sequence number, by which the same frame heard here is told."""
    tallies: Mapping[str, int] = _NOTHING


Item: TypeAlias = Origin | Frame | Tick | Batch


class Source(Protocol):
    def fileno(self) -> int:
        """What to wait on until something can be read; -1 while there is nothing."""

    def read(self) -> Iterable[Item]:
        """What has come in, without waiting for more. Called when `fileno` is readable.

        At most some hundred items, for the other sources wait; it is soon called again.
        """

    def look_after(self) -> Mapping[str, int]:
        """Called twice a second: mend what broke; tell what was counted since the last time.

        It must not take long: meanwhile, no other source is heard.
        """

    def hearing(self) -> Mapping[str, Hearing]:
        """How it is doing, by name: of an interface, of each sensor on the line."""

    def close(self) -> None: ...

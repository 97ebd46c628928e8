"""Whether a program with more than one thread lives: all of them have to move."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Self

# Longer than any honest piece of work takes, and shorter than systemd waits.
_WITHIN_S = 20.0


class Loops:
    """Several loops of one program. `tell` hears that it lives while each of them turns."""

    def __init__(
        self,
        names: Iterable[str],
        tell: Callable[[], None],
        *,
        within_s: float = _WITHIN_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._within_s, self._monotonic = tell, within_s, monotonic
        self._turned_at = dict.fromkeys(names, monotonic())

    def of(self, name: str) -> Callable[[], None]:
        """What this loop calls at each of its turns."""
        return lambda: self.turned(name)

    def turned(self, name: str) -> None:
        now = self._monotonic()
        self._turned_at[name] = now
        if all(now - each <= self._within_s for each in self._turned_at.values()):
            self._tell()


class Tasks:
    """Pieces of work that must come to an end. Each is done within a `with` block of these."""

    def __init__(
        self, *, within_s: float = _WITHIN_S, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._within_s, self._monotonic = within_s, monotonic
        self._begun_at: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._begun_at[threading.get_ident()] = self._monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._begun_at.pop(threading.get_ident(), None)

    @property
    def all_end(self) -> bool:
        """Whether none has been under way for too long."""
        now = self._monotonic()
        return all(now - each <= self._within_s for each in list(self._begun_at.values()))

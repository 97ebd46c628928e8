"""Counts failed sign-ins, so that passwords cannot be tried out by the thousand.

Kept in memory: a restart forgets it, and each gunicorn worker counts for itself. Anybody
on the management network can lock a name this way, for a quarter of an hour at a time;
that is the price of not letting them guess.
"""

import datetime as dt

ALLOWED = 5
WINDOW = dt.timedelta(minutes=15)
# An attacker picks the names: memory must not grow with them.
_MOST_NAMES = 1000


class FailedSignIns:
    def __init__(self) -> None:
        self._failed_at: dict[str, list[dt.datetime]] = {}

    def is_locked(self, name: str, now: dt.datetime) -> bool:
        """Whether this name has failed too often lately to be tried again."""
        return len(self._recent(name, now)) >= ALLOWED

    def add(self, name: str, now: dt.datetime) -> None:
        recent = [*self._recent(name, now), now]
        self._failed_at.pop(name, None)
        self._failed_at[name] = recent
        if len(self._failed_at) > _MOST_NAMES:
            del self._failed_at[next(iter(self._failed_at))]

    def clear(self, name: str) -> None:
        self._failed_at.pop(name, None)

    def _recent(self, name: str, now: dt.datetime) -> list[dt.datetime]:
        return [at for at in self._failed_at.get(name, ()) if now - at < WINDOW]

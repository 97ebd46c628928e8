"""Who may pass, where each phone is, and what has been counted: what a firewall's sets would hold.

As those, it outlives a restart of this program and ends with the machine's run. It lies beside
the gate's socket, in a folder that only this program reads.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from gate.protocol import LARGEST_BYTES
from gate.shape import Counters, Limits
from gate.whereabouts import NOWHERE, Whereabouts
from gear.radius import memory_file
from gear.radius.counting import Session
from gear.radius.records import Admission, Place
from gear.radius.words import Phone

_RUNNING = """
SELECT a.mac, ends_at, a.down, a.up, bytes, counted, label
FROM admissions AS a LEFT JOIN counters AS c ON c.mac = a.mac
WHERE ends_at > ? AND (bytes = 0 OR COALESCE(c.up + c.down, 0) - counted < bytes)
"""

_HOUR_S = 3600.0
_WEEK_S = 7 * 24 * _HOUR_S
# A laptop can make up hardware addresses without end.
_MOST_PLACES = 10_000


def boot_clock() -> float:
    """Goes on while the machine sleeps, is never set, and begins anew at a reboot."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Memory:
    """Each method is one step, whichever thread calls it; so is what stands in `together()`."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = boot_clock,
        boot_id_path: Path = memory_file.BOOT_ID,
        most_places: int = _MOST_PLACES,
    ) -> None:
        self.clock = clock
        self._most_places = most_places
        self._turn = threading.RLock()
        self._is_together = False
        self._rows = memory_file.open_file(path, clock(), boot_id_path)
        self.began_at: float = self._rows.execute("SELECT at FROM began").fetchone()[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        with self._turn:
            if self._is_together:
                yield
                return
            self._rows.execute("BEGIN")
            self._is_together = True
            try:
                yield
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise
            else:
                self._rows.execute("COMMIT")
            finally:
                self._is_together = False

    def admit(self, mac: str, admission: Admission) -> None:
        row = (
            mac,
            admission.ends_at,
            admission.limits.down_kbit_s,
            admission.limits.up_kbit_s,
            admission.limits.bytes,
            admission.counted,
            admission.label,
        )
        self._do("INSERT OR REPLACE INTO admissions VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def dismiss(self, mac: str) -> None:
        self._do("DELETE FROM admissions WHERE mac = ?", (mac,))

    def admission(self, mac: str) -> Admission | None:
        """What a phone has now: neither its time nor its data are used up."""
        found = self._all(f"{_RUNNING} AND a.mac = ?", (self.clock(), mac))
        return _admission(found[0]) if found else None

    def admissions(self) -> dict[str, Admission]:
        """Of all, by phone."""
        return {row[0]: _admission(row) for row in self._all(_RUNNING, (self.clock(),))}

    def strangers(self) -> list[Place]:
        """Where a gateway lets a phone pass that may not."""
        running = f"SELECT mac FROM ({_RUNNING})"  # noqa: S608 - a constant
        return self._places(f"is_open AND mac NOT IN ({running})", (self.clock(),))

    def places(self, mac: str) -> list[Place]:
        """At which gateways a phone is known, where it came last first."""
        return self._places("mac = ? ORDER BY asked_at DESC", (mac,))

    def place(self, mac: str, nas: str) -> Place | None:
        found = self._places("mac = ? AND nas = ?", (mac, nas))
        return found[0] if found else None

    def places_at(self, address: str) -> list[Place]:
        return self._places("address = ? AND is_here", (address,))

    def guests(self) -> list[Place]:
        """Where those are who may pass; of each, where it came last first."""
        running = f"SELECT mac FROM ({_RUNNING})"  # noqa: S608 - a constant
        wanted = f"is_here AND mac IN ({running}) ORDER BY asked_at DESC"
        return self._places(wanted, (self.clock(),))

    def put_place(self, place: Place) -> None:
        phone = place.phone
        row = (
            phone.mac,
            phone.nas,
            phone.address,
            phone.session,
            json.dumps(phone.keys),
            place.is_open,
            place.is_here,
            place.asked_at,
            place.heard_at,
        )
        found = phone.whereabouts
        where = (json.dumps(found.addresses), found.access_point, place.heard_at)
        with self.together():
            self._do("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._do(
                "INSERT OR REPLACE INTO whereabouts VALUES (?, ?, ?, ?, ?)", (*row[:2], *where)
            )

    def shut(self, place: Place) -> None:
        """The gateway lets the phone pass no longer, unless it has come again since."""
        phone = place.phone
        self._do(
            "UPDATE places SET is_open = 0"
            " WHERE mac = ? AND nas = ? AND session = ? AND asked_at = ?",
            (phone.mac, phone.nas, phone.session, place.asked_at),
        )

    def empty(self, nas: str) -> None:
        """The gateway has forgotten all its phones."""
        self._do("UPDATE places SET is_open = 0, is_here = 0, address = '' WHERE nas = ?", (nas,))
        self._do("DELETE FROM whereabouts WHERE nas = ?", (nas,))
        self._do("UPDATE sessions SET is_over = 1 WHERE nas = ?", (nas,))

    def session(self, phone: Phone) -> Session | None:
        found = self._all(
            "SELECT up, down, said_at, is_over FROM sessions"
            " WHERE nas = ? AND session = ? AND mac = ?",
            (phone.nas, phone.session, phone.mac),
        )
        return Session(Counters(*found[0][:2]), found[0][2], bool(found[0][3])) if found else None

    def put_session(self, phone: Phone, session: Session) -> None:
        counters = session.counters
        key = (phone.nas, phone.session, phone.mac)
        row = (*key, counters.bytes_up, counters.bytes_down, session.said_at, session.is_over)
        self._do(
            "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, self.clock())
        )

    def count(self, mac: str, grown: Counters) -> None:
        self._do(
            "INSERT INTO counters VALUES (?, ?, ?, ?) ON CONFLICT (mac) DO UPDATE SET"
            " up = min(up + excluded.up, ?), down = min(down + excluded.down, ?),"
            " changed_at = excluded.changed_at",
            (mac, grown.bytes_up, grown.bytes_down, self.clock(), LARGEST_BYTES, LARGEST_BYTES),
        )

    def counters(self) -> dict[str, Counters]:
        return {
            row[0]: Counters(*row[1:]) for row in self._all("SELECT mac, up, down FROM counters")
        }

    def counters_of(self, mac: str) -> Counters:
        found = self._all("SELECT up, down FROM counters WHERE mac = ?", (mac,))
        return Counters(*found[0]) if found else Counters(0, 0)

    def heard(self, nas: str, said_at: int) -> None:
        self._do(
            "INSERT INTO gateways VALUES (?, ?, ?) ON CONFLICT (nas) DO UPDATE SET"
            " heard_at = excluded.heard_at, said_at = max(said_at, excluded.said_at)",
            (nas, self.clock(), said_at),
        )

    def last_said(self, nas: str) -> int:
        found = self._all("SELECT said_at FROM gateways WHERE nas = ?", (nas,))
        return int(found[0][0]) if found else 0

    def silence_s(self) -> dict[str, float]:
        """How long ago each gateway was heard."""
        now = self.clock()
        return {nas: now - at for nas, at in self._all("SELECT nas, heard_at FROM gateways")}

    def forget(self) -> None:
        """What nobody asks for any more."""
        now = self.clock()
        with self.together():
            self._do("DELETE FROM admissions WHERE ends_at <= ?", (now,))
            # As with the firewall's: an hour after the last of it.
            self._do(
                "DELETE FROM counters WHERE changed_at < ? AND mac NOT IN"
                " (SELECT mac FROM admissions WHERE bytes > 0)",
                (now - _HOUR_S,),
            )
            self._do("DELETE FROM sessions WHERE is_over AND heard_at < ?", (now - 24 * _HOUR_S,))
            self._do("DELETE FROM sessions WHERE heard_at < ?", (now - _WEEK_S,))
            idle = "NOT is_open AND mac NOT IN (SELECT mac FROM admissions)"
            self._do(f"DELETE FROM places WHERE {idle} AND heard_at < ?", (now - _HOUR_S,))  # noqa: S608 - a constant
            self._do(
                f"DELETE FROM places WHERE {idle} AND rowid NOT IN"  # noqa: S608 - a constant
                " (SELECT rowid FROM places ORDER BY heard_at DESC LIMIT ?)",
                (self._most_places,),
            )
            self._do(
                "DELETE FROM whereabouts WHERE (mac, nas) NOT IN (SELECT mac, nas FROM places)"
            )

    def _places(self, condition: str, values: tuple[object, ...]) -> list[Place]:
        wanted = (
            "SELECT mac, nas, address, session, keys, is_open, is_here, asked_at, heard_at,"  # noqa: S608 - conditions stand above, values apart
            " addresses, access_point FROM places LEFT JOIN whereabouts"
            f" USING (mac, nas, heard_at) WHERE {condition}"
        )
        return [_place(row) for row in self._all(wanted, values)]

    def _all(self, wanted: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._turn:
            return self._rows.execute(wanted, values).fetchall()

    def _do(self, change: str, values: tuple[object, ...] = ()) -> None:
        with self._turn:
            self._rows.execute(change, values)


def _admission(row: tuple[Any, ...]) -> Admission:
    _, ends_at, down, up, most, counted, label = row
    return Admission(ends_at, Limits(down, up, most), counted, label)


def _place(row: tuple[Any, ...]) -> Place:
    mac, nas, address, session, keys, is_open, is_here, asked_at, heard_at, more, point = row
    own = {name: tuple(values) for name, values in json.loads(keys).items()}
    found = NOWHERE if more is None else Whereabouts(tuple(json.loads(more)), point)
    phone = Phone(nas, mac, address, session, own, found)
    return Place(phone, bool(is_open), bool(is_here), asked_at, heard_at)

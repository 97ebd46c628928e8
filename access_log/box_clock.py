"""Whether the box's clock is right: a log with wrong times proves nothing.

chrony says by how much it is off. Where there is none, the kernel at least says whether
anything keeps it in step (`adjtimex`, STA_UNSYNC), which systemd-timesyncd and ntpd tell it.
"""

import contextlib
import ctypes
import datetime as dt
import enum
import json
import shutil
import subprocess
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import access_records
from core.access_records import Draft
from core.database import Database
from core.models.access_record import BODY, HEAD_ID, AccessDay, AccessHead, AccessRecord, Kind
from core.sealing import SealBrokenError, Sealer

MOST_OFF_S = 5.0
_WAIT_S = 5.0
# Of what `chronyc -c tracking` prints: how many fields, and which.
_FIELDS, _OFFSET, _LEAP = 14, 4, 13
# struct timex: modes u32, then longs: offset, freq, maxerror, esterror; status s32.
_TIMEX_LONGS, _TIMEX_BYTES = 4, 256
_STA_UNSYNC = 0x0040


class State(enum.StrEnum):
    RIGHT = "right"
    OFF = "off"
    """By more than MOST_OFF_S."""
    UNKNOWN = "unknown"
    """Nothing keeps it in step, or what does has no time server yet."""


class Watch:
    """Tells of each change once. Begun anew it takes the clock for right."""

    def __init__(self, look: Callable[[], tuple[State, float | None]] | None = None) -> None:
        self._look = look or look_at_clock
        self._told = State.RIGHT

    def turn(self, database: Database, sealer: Sealer, now: dt.datetime) -> State | None:
        """What the clock has become, now in the log as well; None: it is as it was."""
        state, off_s = self._look()
        if state is self._told:
            return None
        with database.writing() as session:
            body = {"state": state, "off_s": None if off_s is None else round(off_s, 3)}
            access_records.note(session, sealer, Draft(Kind.CLOCK, now, body))
        self._told = state
        return state


def look_at_clock() -> tuple[State, float | None]:
    """How the clock is, and by how many seconds off, if that is known."""
    program = shutil.which("chronyc")
    told = None if program is None else _ask(program)
    return judge(told, is_in_step=is_in_step)


def last_off(session: Session, sealer: Sealer, since: dt.date) -> dt.datetime | None:
    """When the clock was last found to be off, on that day or after, as the log has it."""
    days = sa.select(sa.func.min(AccessDay.first)).where(AccessDay.day >= since)
    head = session.get(AccessHead, HEAD_ID)
    if head is None:
        return None
    first = session.scalar(days) or head.day_first
    rows = session.execute(
        sa.select(AccessRecord.at, AccessRecord.sealed_body)
        .where(AccessRecord.number >= first, AccessRecord.kind == Kind.CLOCK)
        .order_by(AccessRecord.number.desc())
    )
    for at, sealed in rows:
        with contextlib.suppress(SealBrokenError, ValueError):
            if json.loads(sealer.open(BODY, sealed)).get("state") == State.OFF:
                return at
    return None


def judge(told: str | None, is_in_step: Callable[[], bool]) -> tuple[State, float | None]:
    """By chrony's word, or by the kernel's where there is no chrony that answers."""
    fields = (told or "").strip().split(",")
    if len(fields) != _FIELDS:
        return (State.RIGHT if is_in_step() else State.UNKNOWN), None
    if fields[_LEAP].startswith("Not"):
        return State.UNKNOWN, None
    off_s = abs(float(fields[_OFFSET]))
    return (State.OFF if off_s > MOST_OFF_S else State.RIGHT), off_s


def _ask(program: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [program, "-n", "-c", "tracking"],
            capture_output=True,
            text=True,
            timeout=_WAIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout


def is_in_step() -> bool:
    """Reads the kernel's state and sets nothing (modes 0)."""
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
        return False
    word = ctypes.sizeof(ctypes.c_long)
    # The first long after the u32 is aligned.
    status = ctypes.c_int.from_buffer(timex, word * (1 + _TIMEX_LONGS)).value
    return not status & _STA_UNSYNC

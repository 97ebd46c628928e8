"""Whether somebody follows what the sensor hears as it comes, as in a guided walk.

Then the sensor writes it each second. Otherwise it does so once a minute: each write takes
several pages of a flash memory, however little is in it.
"""

import contextlib
import time
from pathlib import Path

_NAME = "followed"
# Who follows asks again every few seconds.
_LASTS_S = 30


def ask(data_dir: Path) -> None:
    """From now on, for half a minute."""
    # A disk that is full: then it comes later.
    with contextlib.suppress(OSError):
        (data_dir / _NAME).touch()


def is_asked(data_dir: Path) -> bool:
    try:
        asked_at = (data_dir / _NAME).stat().st_mtime
    except OSError:
        return False
    # A clock that was wrong may have dated it in the future.
    return abs(time.time() - asked_at) < _LASTS_S

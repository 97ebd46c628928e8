#!/usr/bin/python3
"""Begins a new file of the flow log each day, or once it is large, and ends the oldest.

    flow_log.py --days 183 --most-mib 2048

Each file ends after so many days, or before its time if all of them would take more than that:
then the oldest goes first, and `dropped` says up to when there is nothing left. Run by ulogd's own
user, every few minutes and before each start of ulogd, which ends by itself at FUSE.
"""

import argparse
import contextlib
import datetime as dt
import gzip
import os
import shutil
import signal
import sys
from pathlib import Path

_FOLDER = Path("/var/log/doorman-flows")
_PROCESS = Path("/run/ulog/ulogd.pid")
# Where the system ends ulogd (LimitFSIZE): it writes no more than this between two turns.
FUSE = 64 << 20
LARGE = 16 << 20
_LIVE = "flows.log"
_DROPPED = "dropped"
# When a file was ended, in UTC: names are in order, whatever happens to files' own times.
_ENDED = "flows.log-%Y%m%dT%H%M%SZ"
_TIME = slice(len("flows.log-"), len("flows.log-20261122T080000Z"))


def turn(folder: Path, now: dt.datetime, days: int, most: int) -> bool:
    """True if ulogd has to open its file anew."""
    earlier = [path for path in closed(folder) if path.suffix != ".gz"]
    is_new = _begin(folder, now)
    _forget(folder, now - dt.timedelta(days=days))
    # What is written until the next turn needs room as well, and so does a file that is packed.
    _make_room(folder, most - 2 * FUSE)
    # One turn later: ulogd may have written to the last one until a moment ago.
    for path in earlier:
        if path.exists():
            _pack(path)
    return is_new


def closed(folder: Path) -> list[Path]:
    """The oldest first."""
    return sorted(path for path in folder.glob("flows.log-*Z*") if path.suffix != ".part")


def _begin(folder: Path, now: dt.datetime) -> bool:
    live, ended = folder / _LIVE, folder / now.strftime(_ENDED)
    size = live.stat().st_size if live.exists() else 0
    last = max((path.name for path in closed(folder)), default="")
    is_new_day = last < now.strftime("flows.log-%Y%m%d")
    if size >= LARGE or (size and is_new_day):
        live.rename(ended)
    # ulogd itself would make it as root, and could not open it anew.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(live, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640))
        return True
    return False


def _forget(folder: Path, before: dt.datetime) -> None:
    limit = before.strftime(_ENDED)[_TIME]
    for path in closed(folder):
        if path.name[_TIME] < limit:
            path.unlink()
    mark = folder / _DROPPED
    if mark.exists() and mark.read_text() < limit:
        mark.unlink()


def _make_room(folder: Path, most: int) -> None:
    paths = closed(folder)
    size = sum(path.stat().st_size for path in paths)
    for path in paths:
        if size <= most:
            return
        size -= path.stat().st_size
        sys.stderr.write(f"<4>no room: {path.name} ends before its time\n")
        path.unlink()
        (folder / _DROPPED).write_text(path.name[_TIME])


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    part = path.with_name(f"{packed.name}.part")
    try:
        with path.open("rb") as source, part.open("wb") as file:
            with gzip.open(file, "wb", 6) as target:
                shutil.copyfileobj(source, target)
            file.flush()
            os.fsync(file.fileno())
        part.rename(packed)
    except OSError:
        # A full disk: it stays as it is.
        part.unlink(missing_ok=True)
        raise
    path.unlink()


def main() -> int:
    os.umask(0o027)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--most-mib", type=int, required=True)
    parser.add_argument("--folder", type=Path, default=_FOLDER)
    parser.add_argument("--process", type=Path, default=_PROCESS, help="holds ulogd's number")
    wanted = parser.parse_args()
    if turn(wanted.folder, dt.datetime.now(dt.UTC), wanted.days, wanted.most_mib << 20):
        # It may not run yet; and this user may send a signal to nothing else.
        with contextlib.suppress(FileNotFoundError):
            number = int(wanted.process.read_text())
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGHUP)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whom the sensor leaves out: the store's do-not-count list, read again when it changes."""

from pathlib import Path

from core import do_not_count
from core.do_not_count import DoNotCountList
from core.log import Log

_log = Log("sniffer")


class LeftOut:
    """Until it is first read, nobody is; a list that turns unreadable goes on in force."""

    def __init__(self, data_dir: Path) -> None:
        self._path = do_not_count.path_of(data_dir)
        self._version: tuple[int, ...] = ()
        self._list: DoNotCountList | None = None

    def covers(self, address: bytes) -> bool:
        return self._list is not None and self._list.covers(address)

    def refresh(self) -> None:
        """Look for a newer list. Cheap: call it every second."""
        try:
            found = self._path.stat()
            version = (found.st_ino, found.st_mtime_ns, found.st_size)
            if version == self._version:
                return
            self._version = version
            self._list = DoNotCountList.of_text(self._path.read_text())
        except FileNotFoundError:
            self._list = None
        except (OSError, ValueError):
            _log.exception("do-not-count list unreadable")

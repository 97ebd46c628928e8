"""Where visit rows and their figures lie: on a local disk, or at S3.

    landed/day=2026-05-16/region=North/store-17.parquet     as the store sent it
    compacted/day=2026-05-16/region=North/stores.parquet    the same of many stores
    figures/day=2026-05-16/region=North/stores.parquet      a row a store

Nothing here or in `hq.fleet.landing` loads pandas or PyArrow before it is used: the job that
takes events in writes rows, and has no need of the rest.
"""

import contextlib
import dataclasses
import datetime as dt
import secrets
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core import whole_file
from core.settings import Settings

LANDED, COMPACTED, FIGURES = "landed", "compacted", "figures"
TOGETHER = "stores.parquet"
# As other programs that read such folders write "none".
_NO_REGION = "__HIVE_DEFAULT_PARTITION__"


class FolderError(Exception):
    """The folder cannot be read or written now; the message says what to mend."""


@dataclasses.dataclass(frozen=True, slots=True)
class Partition:
    """All stores of a region, one day."""

    day: dt.date
    region: str
    """Empty: stores of none."""

    def under(self, kind: str, name: str = TOGETHER) -> str:
        """The path of a file of it."""
        return f"{self.folder(kind)}/{name}"

    def folder(self, kind: str) -> str:
        return f"{kind}/day={self.day.isoformat()}/region={_quoted(self.region)}"


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A file, and what changes whenever it is written anew."""

    path: str
    size: int
    state: str


@dataclasses.dataclass(frozen=True)
class Folder:
    """Handed to workers on other machines, so it holds addresses and no connections."""

    url: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    def read(self, path: str) -> bytes:
        with _told():
            found: bytes = self.system().cat_file(self.at(path))
        return found

    def write(self, path: str, content: bytes) -> None:
        """All of it or nothing, in place of what was there."""
        try:
            with _told():
                if self._is_local:
                    _write_local(Path(self.at(path)), content)
                else:
                    self.system().pipe_file(self.at(path), content)
        except FileNotFoundError as error:
            # No such bucket; or a folder that was empty went at this moment.
            raise FolderError("hq.fleet.folder is not there") from error

    def open(self, path: str) -> Any:
        """To read parts of a large one."""
        with _told():
            return self.system().open(self.at(path), "rb")

    def has(self, path: str) -> bool:
        with _told():
            return bool(self.system().exists(self.at(path)))

    def remove(self, path: str) -> None:
        """The file, and folders that are empty then."""
        with _told():
            self.system().rm_file(self.at(path))
        self._tidy(path)

    def remove_if_still(self, entry: Entry) -> bool:
        """Remove a file unless it has been written anew, also at this very moment.

        At S3, which cannot be told so, a moment is left between the look and the removal.
        """
        if self._is_local:
            with _told():
                removed = _remove_local(Path(self.at(entry.path)), entry)
            self._tidy(entry.path)
            return removed
        folder = entry.path.rsplit("/", 1)[0]
        if entry not in self.files(folder):
            return False
        self.remove(entry.path)
        return True

    def _tidy(self, path: str) -> None:
        if self._is_local:
            of_region = Path(self.at(path)).parent
            with contextlib.suppress(OSError):
                of_region.rmdir()
                of_region.parent.rmdir()

    def files(self, path: str) -> list[Entry]:
        """Those in a folder, in order of name."""
        return [
            Entry(f"{path}/{_name(each)}", each["size"], _state(each))
            for each in self._list(path)
            if each["type"] == "file" and each["name"].endswith(".parquet")
        ]

    def folders(self, path: str) -> list[str]:
        """Names of those in a folder, in order."""
        return [_name(each) for each in self._list(path) if each["type"] == "directory"]

    def regions(self, kind: str, day: dt.date) -> Iterator[Partition]:
        for name in self.folders(f"{kind}/day={day.isoformat()}"):
            yield Partition(day, _region(name.removeprefix("region=")))

    def days(self, kind: str) -> list[dt.date]:
        return [
            dt.date.fromisoformat(name.removeprefix("day="))
            for name in self.folders(kind)
            if name.startswith("day=")
        ]

    def at(self, path: str) -> str:
        """The whole path, as the file system has it."""
        return f"{self.url.removeprefix('s3://').rstrip('/')}/{path}"

    def system(self) -> Any:
        import fsspec  # noqa: PLC0415 - only who needs it has it

        return fsspec.filesystem("file" if self._is_local else "s3", **self.options)

    @property
    def _is_local(self) -> bool:
        return not self.url.startswith("s3://")

    def _list(self, path: str) -> list[dict[str, Any]]:
        with _told():
            try:
                found = self.system().ls(self.at(path), detail=True)
            except FileNotFoundError:
                return []
        return sorted(found, key=_name)


def of(settings: Settings) -> Folder:
    fleet = settings.hq.fleet
    if not fleet.folder.startswith("s3://"):
        return Folder(fleet.folder or str(settings.data_dir / "fleet"))
    options: dict[str, Any] = {"use_listings_cache": False}
    if fleet.s3_endpoint:
        options["endpoint_url"] = fleet.s3_endpoint
    if fleet.s3_key_id:
        options |= {"key": fleet.s3_key_id, "secret": fleet.s3_secret.get_secret_value()}
    return Folder(fleet.folder, options)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Whatever a file system raises becomes a FolderError; a missing file stays one."""
    try:
        yield
    except FileNotFoundError:
        raise
    except ImportError as error:
        raise FolderError("visit rows need more packages: install doorman[fleet]") from error
    except Exception as error:
        # Libraries repeat addresses and keys in their messages.
        raise FolderError(f"hq.fleet.folder cannot be used: {type(error).__name__}") from error


def _write_local(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several may write it at once.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    whole_file.write_draft(draft, content, mode=0o600)
    whole_file.move(draft, path)


def _remove_local(path: Path, entry: Entry) -> bool:
    aside = path.with_name(f".{path.name}.old")
    try:
        path.replace(aside)
    except FileNotFoundError:
        return False
    found = aside.stat()
    state = _state({"ino": found.st_ino, "mtime": found.st_mtime})
    is_still = (found.st_size, state) == (entry.size, entry.state)
    if not is_still:
        # Back to its place, unless one that is newer yet has taken that.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
    aside.unlink()
    return is_still


def _state(listed: dict[str, Any]) -> str:
    return str(listed.get("ETag") or (listed.get("ino"), listed.get("mtime")))


def _name(listed: dict[str, Any]) -> str:
    return str(listed["name"]).rstrip("/").rsplit("/", 1)[-1]


def _quoted(region: str) -> str:
    return urllib.parse.quote(region, safe="") or _NO_REGION


def _region(quoted: str) -> str:
    return "" if quoted == _NO_REGION else urllib.parse.unquote(quoted)

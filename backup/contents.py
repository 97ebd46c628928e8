"""What is in a backup: a list, so that what nobody thought of is left out.

Never sightings: they are the sensor's, nobody's after the day, and not ours to keep.

    backup.json                 what this is: store, moment, form of the database
    database.sqlite | .dump     a copy
    doorman.toml                the settings file
    pictures/ pushed/           as in data_dir
    flows/                      the log of connections, if it is to be in it
    secrets.toml flows.key sensors/     the keys: here, or in a file of their own
"""

import dataclasses
import gzip
import io
import json
import re
import tarfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from backup.age import AgeError, Opening, Sealing
from core import secret_file, setting_sources
from core.settings import Settings

MANIFEST = "backup.json"
SETTINGS = "doorman.toml"
FLOWS_KEY = "flows.key"
FOLDERS = ("pictures", "pushed")
KEY_FOLDERS = ("sensors",)
FLOWS = "flows"
_SAFE = re.compile(
    r"(backup\.json|database\.sqlite|database\.dump|doorman\.toml|secrets\.toml|flows\.key"
    r"|(pictures|pushed|flows|sensors)(/[0-9A-Za-z_-][0-9A-Za-z_.-]*){1,4})"
)
_TOLD = {"format", "store", "made_at", "version"}
_LEVEL = 6
_MOST_BYTES = 1 << 40


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    name: str
    path: Path


def data(found: Settings, copied: Path) -> Iterator[Part]:
    """All but keys; `copied` is the database's copy."""
    yield Part(copied.name, copied)
    config = setting_sources.config_file()
    if config is not None:
        yield Part(SETTINGS, config)
    for name in FOLDERS:
        yield from _folder(found, found.data_dir / name, name)
    if found.backup.flows:
        yield from _folder(found, found.flows_dir, FLOWS)


def keys(found: Settings) -> Iterator[Part]:
    yield Part(secret_file.NAME, found.data_dir / secret_file.NAME)
    if found.flows_key.is_file():
        yield Part(FLOWS_KEY, found.flows_key)
    for name in KEY_FOLDERS:
        yield from _folder(found, found.data_dir / name, name)


def out_of_reach(found: Settings) -> list[Path]:
    """Keys that this user may not read: other programs' own, of users of their own."""
    kept = (found.flows_key, *(found.data_dir / name for name in KEY_FOLDERS))
    return [path for path in kept if not _may_read(path)]


def _may_read(path: Path) -> bool:
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        elif path.exists():
            path.open("rb").close()
    except PermissionError:
        return False
    return True


def write(target: Sealing, manifest: dict[str, Any], parts: Iterator[Part]) -> None:
    with (
        gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=_LEVEL) as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        content = json.dumps(manifest).encode()
        archive.addfile(_entry(MANIFEST, len(content)), io.BytesIO(content))
        for part in parts:
            with part.path.open("rb") as file:
                # What is written on meanwhile (a log) is in it as far as it went.
                size = part.path.stat().st_size
                archive.addfile(_entry(part.name, size), file)


def read(source: Opening, folder: Path) -> dict[str, Any]:
    """Unpack into an empty folder and prove that nothing is missing; what it is."""
    try:
        with gzip.GzipFile(fileobj=source, mode="rb") as packed:  # type: ignore[call-overload]  # it reads, no more is asked
            with tarfile.open(fileobj=packed, mode="r|") as archive:
                for member in archive:
                    _unpack(archive, member, folder)
            while packed.read(1 << 20):
                pass
        source.finish()
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise AgeError(f"the backup cannot be unpacked ({type(error).__name__})") from error
    return _manifest(folder / MANIFEST)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
        return {name: found[name] for name in _TOLD}
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise AgeError("the backup does not say what it is") from error


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """A file of a name that we give; whoever made this may have meant harm."""
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or not _SAFE.fullmatch(member.name) or member.size > _MOST_BYTES:
        raise AgeError("there is something in it that no backup has")
    path = folder / member.name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as file:
        path.chmod(0o600)
        _copy(content, file)


def _copy(source: Any, target: BinaryIO) -> None:
    while piece := source.read(1 << 20):
        target.write(piece)


def _folder(found: Settings, folder: Path, name: str) -> Iterator[Part]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        is_sightings = path.is_relative_to(found.sightings_dir)
        part = Part(f"{name}/{path.relative_to(folder).as_posix()}", path)
        if (
            path.is_file()
            and not path.is_symlink()
            and not is_sightings
            and _SAFE.fullmatch(part.name)
        ):
            yield part


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, time.time()
    return entry

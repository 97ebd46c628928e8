"""Puts a backup in place: everything is made ready in a folder beside, then moved.

Made ready: opened to its last piece, brought to this version's form, what was undone since done
again.
"""

import dataclasses
import datetime as dt
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from access_log import verified
from backup import contents, database_file, undone
from backup.age import Opening
from backup.database_file import InUseError
from backup.keys import PrivateKey
from backup.making import FORMAT
from backup.trouble import BackupError, told
from core import access_records, migrate, resealing, secret_file, whole_file
from core.access_records import Draft
from core.database import Database
from core.models.access_record import Kind
from core.models.every import metadata
from core.models.sign_in import SignIn
from core.sealing import Sealer
from core.settings import Settings

SETTINGS = "restored-doorman.toml"
_STAGE = "restore.new"


@dataclasses.dataclass(frozen=True, slots=True)
class Files:
    """As they were fetched: encrypted."""

    data: Path
    keys: Path | None
    """If they were kept apart."""
    undone: Sequence[Path]
    """All lists since the backup, and the last before it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    manifest: dict[str, Any]
    before: str | None
    """The form that the database had in the backup."""
    counts: dict[str, int]
    """What was undone again."""


def restore(
    found: Settings,
    files: Files,
    key: PrivateKey,
    now: dt.datetime,
    *,
    replaces: bool,
    who: str,
) -> Restored:
    """BackupError: nothing was put in place, unless it says so. `who`: for the access log."""
    stage = found.data_dir / _STAGE
    found.data_dir.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    database = Database(found.database_url)
    try:
        with told():
            ready = _Ready(files, key, stage, who)
            return _restored(found, ready, database, now, replaces=replaces)
    finally:
        database.dispose()
        shutil.rmtree(stage, ignore_errors=True)


class _Ready:
    """What was in the files, opened, in the folder beside."""

    def __init__(self, files: Files, key: PrivateKey, stage: Path, who: str) -> None:
        self.name, self.who = files.data.name, who
        self.folder = stage / "content"
        self.folder.mkdir(mode=0o700)
        self.manifest = _opened(files.data, key, self.folder)
        if files.keys is not None:
            apart = stage / "keys"
            apart.mkdir(mode=0o700)
            _opened(files.keys, key, apart)
            for path in apart.iterdir():
                if path.name != contents.MANIFEST:
                    path.rename(self.folder / path.name)
        self.undone = []
        for each in files.undone:
            with each.open("rb") as file:
                self.undone.append(Opening(file, key).read())


def _opened(path: Path, key: PrivateKey, folder: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return contents.read(Opening(file, key), folder)


def _restored(
    found: Settings, ready: _Ready, database: Database, now: dt.datetime, *, replaces: bool
) -> Restored:
    _check(found, ready, database)
    moves = list(_moves(found, ready.folder))
    if not replaces:
        taken = [place.name for _, place in moves if _is_filled(place)]
        taken += [] if _is_vacant(database) else ["the database"]
        if taken:
            raise BackupError(f"there is something already: {', '.join(taken)} (--replace)")
    try:
        with database_file.alone(database):
            counts, before = _put_database(found, ready, database, now)
    except InUseError:
        mend = "stop the programs first: systemctl stop doorman.target"
        raise BackupError(f"the database is in use: {mend}") from None
    for path, place in moves:
        _move(path, place)
    # It is of the logs that were there before.
    verified.forget(found.data_dir)
    return Restored(ready.manifest, before, counts)


def _check(found: Settings, ready: _Ready, database: Database) -> None:
    told_of = ready.manifest
    if told_of.get("format") != FORMAT:
        raise BackupError("the backup is of a newer Doorman: install that")
    if told_of.get("store") != found.store.id:
        raise BackupError(f"this is a backup of {told_of.get('store')}: set store.id to that first")
    if not (ready.folder / database_file.name_of(database)).exists():
        raise BackupError(
            f"the backup is not of {database.engine.name}: set database.url as it was"
        )
    if not (_secrets(found, ready) / secret_file.NAME).exists():
        raise BackupError(
            f"the keys were kept apart: --keys, or {secret_file.NAME} in data_dir first"
        )


def _secrets(found: Settings, ready: _Ready) -> Path:
    """The folder of the keys that belong to the backup."""
    is_inside = (ready.folder / secret_file.NAME).exists()
    return ready.folder if is_inside else found.data_dir


def _put_database(
    found: Settings, ready: _Ready, database: Database, now: dt.datetime
) -> tuple[dict[str, int], str | None]:
    sealer = Sealer(secret_file.load(_secrets(found, ready)).keys())
    path = ready.folder / database_file.name_of(database)
    if database.engine.name != "sqlite":
        database_file.load(database, path)
        try:
            with told():
                return _brought_up(found, ready, database, sealer, now)
        except Exception as error:
            text = "the database is the backup's, and not fit for use: mend this and restore again"
            # The words of any other may repeat a row.
            reason = str(error) if isinstance(error, BackupError) else type(error).__name__
            raise BackupError(f"{text} ({reason})") from error
    copied = Database(f"sqlite:///{path}")
    try:
        result = _brought_up(found, ready, copied, sealer, now)
    finally:
        # The last one to close it puts its log in place.
        copied.dispose()
    place = Path(str(database.engine.url.database))
    draft = place.with_name(f".{place.name}.new")
    shutil.copyfile(path, draft)
    draft.chmod(0o600)
    owner = found.data_dir.stat()
    os.chown(draft, owner.st_uid, owner.st_gid)
    whole_file.to_disk(draft)
    database.dispose()
    for ending in ("-wal", "-shm"):
        place.with_name(f"{place.name}{ending}").unlink(missing_ok=True)
    whole_file.move(draft, place)
    return result


def _brought_up(
    found: Settings, ready: _Ready, database: Database, sealer: Sealer, now: dt.datetime
) -> tuple[dict[str, int], str | None]:
    before, _ = migrate.upgrade(database)
    resealing.try_keys(database, sealer, metadata)
    counts: dict[str, int] = {}
    with database.writing() as session:
        # Who has signed out since, or was shut out, is not to be in again.
        session.execute(sa.delete(SignIn))
        for content in ready.undone:
            again = undone.do_again(session, sealer, content, store_id=found.store.id, now=now)
            counts = {name: counts.get(name, 0) + count for name, count in again.items()}
        said = {"as_of": ready.manifest["made_at"], "file": ready.name, "who": ready.who}
        access_records.note(session, sealer, Draft(Kind.RESTORED, now, said))
    return counts, before


def _moves(found: Settings, folder: Path) -> Iterator[tuple[Path, Path]]:
    """What was unpacked, and its place; but the database."""
    data_dir = found.data_dir
    places = {
        contents.SETTINGS: data_dir / SETTINGS,
        secret_file.NAME: data_dir / secret_file.NAME,
        contents.FLOWS_KEY: found.flows_key,
        contents.FLOWS: found.flows_dir,
    } | {name: data_dir / name for name in (*contents.FOLDERS, *contents.KEY_FOLDERS)}
    for name, place in places.items():
        if (folder / name).exists():
            yield folder / name, place


def _is_filled(place: Path) -> bool:
    if place.name == SETTINGS:
        return False
    return any(place.iterdir()) if place.is_dir() else place.exists()


def _is_vacant(database: Database) -> bool:
    if database.engine.name == "sqlite" and not Path(str(database.engine.url.database)).exists():
        return True
    return database_file.is_empty(database)


def _move(path: Path, place: Path) -> None:
    """In place of what is there, and its owner's; else the folder's."""
    place.parent.mkdir(parents=True, exist_ok=True)
    owner = (place if place.exists() else place.parent).stat()
    for each in (path, *(path.rglob("*") if path.is_dir() else ())):
        os.chown(each, owner.st_uid, owner.st_gid)
    former = place.with_name(f".{place.name}.before")
    if place.is_dir():
        shutil.rmtree(former, ignore_errors=True)
        place.rename(former)
    shutil.move(path, place)
    whole_file.to_disk(place.parent)
    shutil.rmtree(former, ignore_errors=True)

"""Makes backups, tells apart what was undone, and lets old ones go."""

import contextlib
import datetime as dt
import fcntl
import importlib.metadata
import itertools
import json
import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backup import contents, database_file, names, undone
from backup.age import Sealing
from backup.keys import PublicKey
from backup.ledger import Ledger, Made
from backup.names import Kind, Name
from backup.targets import choice
from backup.targets.shape import Target
from backup.trouble import BackupError, told
from core import clock, database_form
from core.database import Database
from core.settings import Settings

FORMAT = 1
_STAGE, _LOCK = "backup.new", ".backup.lock"
# A store's night: when it is shut and its day is closed, before the comparison with the CRM.
_AFTER, _SPREAD = dt.timedelta(hours=2), dt.timedelta(hours=1)
_NIGHT = dt.timedelta(hours=4)
_AGAIN = dt.timedelta(hours=1)
_SPARE_BYTES = 300 << 20


def is_due(found: Settings, ledger: Ledger, now: dt.datetime) -> bool:
    """Once a night, each store at a time of its own; an hour after one that failed.

    One that was missed is made in the daytime. But not the first: a box that is about to be
    restored would put an empty one above those that are there.
    """
    if not found.backup.target:
        return False
    zone = found.store.zone
    start, _ = clock.day_bounds(clock.store_day(now, zone), zone)
    turn = start + _AFTER + _SPREAD * (zlib.crc32(found.store.id.encode()) / 2**32)
    last, failed = ledger.last_at, ledger.failed_at
    is_made = last is not None and turn <= last <= now
    has_just_failed = failed is not None and now - _AGAIN < failed <= now
    is_night = turn <= now < turn + _NIGHT
    return not has_just_failed and now >= turn and not is_made and (last is not None or is_night)


def make(found: Settings, database: Database, now: dt.datetime) -> list[Made]:
    """Make one, put it where the settings say, and remove what is due. BackupError."""
    if kept_back := contents.out_of_reach(found):
        raise BackupError(
            f"{kept_back[0]} is another program's own, and no backup is whole without it: have"
            " root make it"
        )
    with told(), _alone(found.data_dir):
        ledger = Ledger.read(found.data_dir)
        try:
            with _stage(found.data_dir) as stage:
                made = list(_made(found, database, stage, now))
        except BaseException:
            failed = Ledger(ledger.made, now, ledger.undone)
            # A disk that is full may be why; then it does not take this either.
            with contextlib.suppress(OSError):
                failed.write(found.data_dir)
            raise
        ledger.with_made(*made).write(found.data_dir)
        for named in {found.backup.target, found.backup.keys_target} - {""}:
            _remove_due(found, choice.of(named, found.backup))
    return made


def tell_undone(found: Settings, database: Database, now: dt.datetime) -> bool:
    """Put the list of what was undone at the target if it is another by now. BackupError."""
    with told(), _alone(found.data_dir):
        listed = undone.gathered(database, now)
        ledger, digest = Ledger.read(found.data_dir), undone.digest(listed)
        if digest == ledger.undone:
            return False
        with _stage(found.data_dir) as stage:
            path = stage / str(Name(found.store.id, now, Kind.UNDONE))
            with path.open("xb") as file:
                sealing = Sealing(file, PublicKey.parse(found.backup.public_key))
                sealing.write(json.dumps(listed).encode())
                sealing.close()
            choice.of(found.backup.target, found.backup).put(path, path.name)
        Ledger(ledger.made, ledger.failed_at, digest).write(found.data_dir)
    return True


def _made(found: Settings, database: Database, stage: Path, now: dt.datetime) -> Iterator[Made]:
    target = choice.of(found.backup.target, found.backup)
    keys_target = found.backup.keys_target
    _check_room(found, database)
    copied = database_file.copy(database, stage)
    manifest = {
        "format": FORMAT,
        "store": found.store.id,
        "made_at": now.isoformat(),
        "version": importlib.metadata.version("doorman"),
        "revision": database_form.revision(database),
        "keys": "apart" if keys_target else "inside",
    }
    keys = contents.keys(found)
    if keys_target:
        # First: without them the rest opens to nobody.
        name = Name(found.store.id, now, Kind.KEYS)
        at = choice.of(keys_target, found.backup)
        yield _put(at, _sealed(found, stage, name, manifest, keys))
        keys = iter(())
    name = Name(found.store.id, now, Kind.DATA)
    parts = itertools.chain(contents.data(found, copied), keys)
    yield _put(target, _sealed(found, stage, name, manifest, parts))


def _sealed(
    found: Settings,
    stage: Path,
    name: Name,
    manifest: dict[str, Any],
    parts: Iterator[contents.Part],
) -> tuple[Path, Made]:
    path = stage / str(name)
    with path.open("xb") as file:
        sealing = Sealing(file, PublicKey.parse(found.backup.public_key))
        contents.write(sealing, manifest | {"kind": name.kind}, parts)
        sha256 = sealing.close()
    return path, Made(path.name, name.at, path.stat().st_size, sha256)


def _put(target: Target, sealed: tuple[Path, Made]) -> Made:
    path, made = sealed
    target.put(path, path.name)
    path.unlink()
    return made


def _remove_due(found: Settings, target: Target) -> None:
    there = names.of_store((entry.name for entry in target.entries()), found.store.id)
    for name in names.due(there, found.backup.daily, found.backup.weekly):
        target.remove(str(name))


def _check_room(found: Settings, database: Database) -> None:
    if database.engine.name != "sqlite":
        return
    size = Path(str(database.engine.url.database)).stat().st_size
    free = shutil.disk_usage(found.data_dir).free
    # The copy, and its encrypted file.
    if free < 2 * size + _SPARE_BYTES:
        raise BackupError(f"a backup takes {2 * size >> 20} MiB of data_dir: {free >> 20} are free")


@contextlib.contextmanager
def _stage(data_dir: Path) -> Iterator[Path]:
    """A folder that nobody else looks into, and that is gone afterwards."""
    stage = data_dir / _STAGE
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    _give_to_owner_of(data_dir, stage)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One at a time; the lock ends with its process."""
    handle = os.open(data_dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _give_to_owner_of(data_dir, handle)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupError("another backup is being made: wait for its end") from error
    finally:
        os.close(handle)


def _give_to_owner_of(data_dir: Path, made: Path | int) -> None:
    """What root makes by hand must not be in the way of the jobs."""
    if os.geteuid() == 0:
        owner = data_dir.stat()
        os.chown(made, owner.st_uid, owner.st_gid)

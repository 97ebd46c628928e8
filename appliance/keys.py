"""`doorman keys`: a new key for sealed fields, and the end of an old one (docs/keys.md)."""

import collections
import contextlib
import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import click
import sqlalchemy as sa

from appliance import databases_here
from core import clock, database_form, resealing, secret_file, settings
from core.database import Database
from core.sealing import SealBrokenError, Sealer
from core.secret_file import SecretFileError, Secrets

# Longer than any transaction: what was sealed just before the new key came is written by then.
_SETTLED = dt.timedelta(minutes=10)


@dataclasses.dataclass(frozen=True, slots=True)
class _Opened:
    """What the keys of one folder seal."""

    data_dir: Path
    databases: tuple[tuple[Database, sa.MetaData], ...]

    def census(self) -> collections.Counter[int]:
        found: collections.Counter[int] = collections.Counter()
        for database, metadata in self.databases:
            found += resealing.census(database, metadata)
        return found


@click.group()
def keys() -> None:
    """Seal personal fields with a new key, and drop a key that none uses any more.

    It works on this machine's secrets file and on the databases that it belongs to: the
    store's, and headquarters' if it is here. Programs go on meanwhile.
    """


@keys.command()
def status() -> None:
    """Print each key, when it was made, and how many fields it has sealed."""
    with _opened() as opened:
        secrets, counts = secret_file.load(opened.data_dir), opened.census()
    click.echo("key  made            fields")
    for each in secrets.field_keys:
        mark = "  seals" if each is secrets.field_keys[-1] else ""
        click.echo(f"{each.number:>3}  {each.made_at:%Y-%m-%d} {counts[each.number]:>11}{mark}")
    for number in _missing(secrets, counts):
        click.echo(f"{number:>3}  missing    {counts[number]:>11}  restore the secrets file")


@keys.command()
@click.option("--anyway", is_flag=True, help="Leave fields that do not open as they are.")
def rotate(*, anyway: bool) -> None:
    """Make a new key and seal every field with it.

    If that was interrupted, the next call finishes it and makes no other key.
    """
    with _opened() as opened, secret_file.changing(opened.data_dir):
        # Before the sealer: it would make a lost file anew.
        secrets, counts = secret_file.load(opened.data_dir), opened.census()
        sealer = Sealer(secret_file.KeyFile(opened.data_dir))
        if not anyway:
            _check(opened, sealer)
        known = {each.number for each in secrets.field_keys}
        if any(counts[number] for number in known - {sealer.newest_key()}):
            click.echo(f"finishing the rotation to key {sealer.newest_key()}")
        else:
            secret_file.replace(opened.data_dir, secrets.with_new_field_key(clock.now()))
        _reseal(opened, sealer)


@keys.command()
def forget() -> None:
    """Drop the earlier keys that no field is sealed with any more."""
    with _opened() as opened, secret_file.changing(opened.data_dir):
        secrets = secret_file.load(opened.data_dir)
        *earlier, newest = secrets.field_keys
        if earlier and clock.now() - newest.made_at < _SETTLED:
            minutes = _SETTLED // dt.timedelta(minutes=1)
            raise click.ClickException(
                f"key {newest.number} is younger than {minutes} minutes, and a program may"
                " still be writing with the one before: wait, then call again"
            )
        counts = opened.census()
        unused = {each.number for each in earlier if not counts[each.number]}
        if unused:
            kept = {each.number for each in secrets.field_keys} - unused
            secret_file.replace(opened.data_dir, secrets.with_field_keys(kept))
    click.echo("forgotten: " + (", ".join(str(number) for number in sorted(unused)) or "none"))
    for each in earlier:
        if counts[each.number]:
            raise click.ClickException(
                f"key {each.number} still seals {counts[each.number]} fields: doorman keys rotate"
            )


def _reseal(opened: _Opened, sealer: Sealer) -> None:
    began = time.monotonic()
    resealed, broken = 0, collections.Counter[str]()
    for database, metadata in opened.databases:
        run = resealing.Resealing(database, sealer, metadata)
        run.run()
        resealed += run.resealed
        broken += run.broken
    rate = resealed / max(time.monotonic() - began, 0.001)
    click.echo(f"{resealed} fields sealed with key {sealer.newest_key()}, {rate:.0f} a second")
    if broken:
        places = ", ".join(f"{count} of {place}" for place, count in sorted(broken.items()))
        raise click.ClickException(f"these do not open, and were left as they are: {places}")
    counts = opened.census()
    if left := counts.total() - counts[sealer.newest_key()]:
        raise click.ClickException(f"{left} fields were locked by others: call again")


def _check(opened: _Opened, sealer: Sealer) -> None:
    """Refuse before anything is changed if fields would not open."""
    path = opened.data_dir / secret_file.NAME
    counts = opened.census()
    for number in _missing(secret_file.load(opened.data_dir), counts):
        raise click.ClickException(
            f"{counts[number]} fields are sealed with key {number}, which {path} lacks: restore"
            " that file from its backup. Nothing was changed (--anyway leaves such fields closed)"
        )
    try:
        for database, metadata in opened.databases:
            resealing.try_keys(database, sealer, metadata)
    except SealBrokenError as error:
        raise click.ClickException(
            f"{error}: if {path} is not the one that belongs to this database, restore that."
            " Nothing was changed (--anyway leaves such fields closed)"
        ) from error


def _missing(secrets: Secrets, counts: collections.Counter[int]) -> list[int]:
    return sorted(counts.keys() - {each.number for each in secrets.field_keys})


@contextlib.contextmanager
def _opened() -> Iterator[_Opened]:
    """The databases that are here; what goes wrong with them or the file, in one line."""
    found = settings.load()
    with contextlib.ExitStack() as stack:
        try:
            here = databases_here.opened(found, stack)
            yield _Opened(found.data_dir, tuple((each.database, each.metadata) for each in here))
        except (SecretFileError, database_form.MigrationError) as error:
            raise click.ClickException(str(error)) from error
        except sa.exc.DatabaseError as error:
            raise click.ClickException(
                "a database cannot be read or written: doorman doctor"
            ) from error

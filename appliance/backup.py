"""`doorman backup`: copies of what the box knows, somewhere else (docs/operations/backup.md)."""

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from appliance import store_database, users
from backup import making, names
from backup.keys import PrivateKey, PublicKey
from backup.ledger import Ledger
from backup.names import Kind, Name
from backup.restoring import SETTINGS, Files, restore
from backup.targets import choice
from backup.trouble import BackupError, told
from core import clock, settings
from core.settings import Settings

_MIB = 1 << 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        with told():
            yield
    except BackupError as error:
        raise click.ClickException(str(error)) from error


@click.group()
def backup() -> None:
    """Make and restore copies of what this box knows, encrypted, somewhere else.

    The jobs make one every night if backup.target is set.
    """


@backup.command()
@click.option("--check", is_flag=True, help="Ask for a private key; say whether it is the one.")
def key(*, check: bool) -> None:
    """Make a pair of keys. The private one is printed once, and kept nowhere on this box.

    Without it no backup can ever be read: write it down, twice, and try it (--check).
    """
    if check:
        _check(settings.load())
        return
    made = PrivateKey.new()
    click.echo("Private key, for the owner's safe. It is not kept here and not shown again:\n")
    click.echo(f"    {made.text()}\n")
    click.echo("Public key, for the settings of the box:\n")
    click.echo(f'    [backup]\n    public_key = "{made.public().text()}"')


@backup.command()
@click.option("--if-due", is_flag=True, help="Once a night alone, as the jobs do.")
def make(*, if_due: bool) -> None:
    """Make a backup now, as the jobs do every night."""
    found = _with_target()
    if if_due and not making.is_due(found, Ledger.read(found.data_dir), clock.now()):
        return
    with store_database.opened() as database, _told():
        for each in making.make(found, database, clock.now()):
            click.echo(f"{each.name}  {each.size / _MIB:.1f} MiB  sha256 {each.sha256}")
        making.tell_undone(found, database, clock.now())


@backup.command("list")
def list_() -> None:
    """Print the backups of this store that are at the target."""
    found = _with_target()
    with _told():
        for named in _targets(found):
            there = {entry.name: entry.size for entry in choice.of(named, found.backup).entries()}
            for name in names.of_store(there, found.store.id):
                click.echo(f"{name}  {there[str(name)] / _MIB:.1f} MiB")


@backup.command("restore")
@click.argument("name", default="newest")
@click.option("--key-file", type=_FILE, help="The private key, in a file; else it is asked for.")
@click.option("--keys", "keys_file", type=_FILE, help="The backup's keys, if they were kept apart.")
@click.option("--undone", "lists", multiple=True, type=_FILE, help="A list that lies beside it.")
@click.option("--without-undone", is_flag=True, help="Whoever was erased since is back.")
@click.option("--replace", is_flag=True, help="Put it in place of what is on this box.")
def restore_(
    name: str,
    key_file: Path | None,
    keys_file: Path | None,
    lists: tuple[Path, ...],
    *,
    without_undone: bool,
    replace: bool,
) -> None:
    """Put a backup in place: NAME as `list` has it, a file, or nothing for the newest.

    The programs have to be stopped. The private key is asked for, or read from --key-file. A
    backup from a file needs --undone, the lists that lie beside it, and --keys, if the keys were
    kept apart.
    """
    found = settings.load()
    found.data_dir.mkdir(parents=True, exist_ok=True)
    # Not in /tmp, which may be memory.
    with _told(), tempfile.TemporaryDirectory(dir=found.data_dir, prefix=".restore-") as folder:
        private = _private(key_file)
        if Path(name).is_file():
            files = Files(Path(name), keys_file, lists)
        else:
            files = _fetched(found, name, Path(folder), keys_file)
        if not (files.undone or without_undone):
            raise BackupError(
                "no list of what was undone since: members who were erased would be back."
                " Give it (--undone), or say --without-undone and erase them again by hand"
            )
        click.echo(f"{files.data.name}  sha256 {_sha256(files.data)}")
        result = restore(found, files, private, clock.now(), replaces=replace, who=users.caller())
    made_at, version = result.manifest["made_at"], result.manifest["version"]
    click.echo(f"restored: as of {made_at}, made by Doorman {version}")
    if files.undone:
        told_of = ", ".join(f"{count} {what}" for what, count in result.counts.items())
        click.echo(f"undone again: {told_of}")
    else:
        click.echo("WHO WAS ERASED SINCE IS BACK: erase them again, by hand or by the CRM's word")
    click.echo("the access log has a row of it: what came after the backup is lost from there, too")
    click.echo("users and tokens are those of then: doorman user list, doorman token list")
    if (found.data_dir / SETTINGS).exists():
        click.echo(f"the settings of then are in {found.data_dir / SETTINGS}, and not in force")


def _with_target() -> Settings:
    found = settings.load()
    if not found.backup.target:
        raise click.ClickException("set backup.target (docs/operations/backup.md)")
    return found


def _targets(found: Settings) -> list[str]:
    return [named for named in (found.backup.target, found.backup.keys_target) if named]


def _check(found: Settings) -> None:
    with _told():
        given = _private(None).public()
        if not found.backup.public_key:
            raise BackupError(f"no backup.public_key is set; this key's is {given.text()}")
        if given != PublicKey.parse(found.backup.public_key):
            raise BackupError("this is the private key of other backups than this box makes")
    click.echo("this private key opens the backups of this box")


def _private(file: Path | None) -> PrivateKey:
    if file is not None:
        return PrivateKey.parse(file.read_text())
    return PrivateKey.parse(click.prompt("private key", hide_input=True))


def _fetched(found: Settings, wanted: str, folder: Path, keys_file: Path | None) -> Files:
    """From the targets that the settings name."""
    if not found.backup.target:
        raise BackupError("no backup.target is set: give the backup's file")
    target = choice.of(found.backup.target, found.backup)
    there = names.of_store((entry.name for entry in target.entries()), found.store.id)
    data = [name for name in there if name.kind is Kind.DATA]
    if wanted != "newest":
        data = [name for name in data if str(name) == wanted]
    if not data:
        raise BackupError(f"there is no such backup of {found.store.id} (doorman backup list)")
    chosen = data[-1]
    target.fetch(str(chosen), folder / str(chosen))
    lists = _since(chosen, [name for name in there if name.kind is Kind.UNDONE])
    for name in lists:
        target.fetch(str(name), folder / str(name))
    if keys_file is None and found.backup.keys_target:
        keys_file = _fetched_keys(found, chosen, folder)
    return Files(folder / str(chosen), keys_file, [folder / str(name) for name in lists])


def _since(chosen: Name, lists: list[Name]) -> list[Name]:
    """The lists since the backup, and the last before, which shows that lists are kept at all."""
    before = [name for name in lists if name.at < chosen.at]
    return [*before[-1:], *(name for name in lists if name.at >= chosen.at)]


def _fetched_keys(found: Settings, chosen: Name, folder: Path) -> Path | None:
    target = choice.of(found.backup.keys_target, found.backup)
    name = Name(chosen.store, chosen.at, Kind.KEYS)
    if str(name) not in {entry.name for entry in target.entries()}:
        return None
    target.fetch(str(name), folder / str(name))
    return folder / str(name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

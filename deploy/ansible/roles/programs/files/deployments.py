"""What lies below /opt/doorman, and how it changes so that no power cut leaves half of it.

    next              what the roles have written: settings, secrets, rules, units
    deployments/<id>  a copy of it, never changed again
    current           -> the one that runs, also after a power cut
    previous          -> the one before
    unproven          from the switch until it has shown to be healthy: where to, where from
    releases/<v>      the code, and the file `revision`: the form of the database it works on

All that makes up what runs is below `current`, so that one rename switches it. Whatever has to
be there after the rename is on the disk before it. Standing by itself: Debian's Python, standard
library alone, since it has to work when a release does not.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

KEPT = 3
"""Releases, and deployments, that are kept."""


class Deployments:
    def __init__(self, root: Path, sync: Callable[[], None] = os.sync) -> None:
        self.root, self._sync = root, sync
        self.next = root / "next"
        self._marker = root / "unproven"

    def named(self, link: str) -> str | None:
        """Which deployment `current` or `previous` leads to."""
        path = self.root / link
        return path.readlink().name if path.is_symlink() and path.exists() else None

    def folder(self, name: str) -> Path:
        return self.root / "deployments" / name

    def release(self, name: str) -> Path:
        return (self.folder(name) / "release").readlink()

    def revision(self, name: str) -> str:
        return (self.release(name) / "revision").read_text().strip()

    def units(self, name: str | None) -> set[str]:
        folder = self.folder(name) / "units" if name else None
        return {path.name for path in folder.iterdir()} if folder and folder.exists() else set()

    def next_name(self) -> str:
        """Says all that is in `next`: what has the same name is the same."""
        told = hashlib.sha256()
        for path, seen in sorted(_seen(self.next).items()):
            told.update(repr((path, seen)).encode())
        return f"{(self.next / 'release').readlink().name}-{told.hexdigest()[:12]}"

    def differences(self) -> list[str]:
        """Files of `next` that `current` has otherwise, or not at all, or alone."""
        now, then = _seen(self.root / "current"), _seen(self.next)
        return sorted(path for path in now.keys() | then.keys() if now.get(path) != then.get(path))

    def stage(self, name: str) -> None:
        """Copy `next`, and have it on the disk before it has its name."""
        if self.folder(name).exists():
            return
        draft = self.folder(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        # A copy of secrets may be anybody's to read until it has the mode of what it is of.
        draft.mkdir(0o700)
        shutil.copytree(self.next, draft, symlinks=True, dirs_exist_ok=True)
        self._sync()
        draft.rename(self.folder(name))
        self._sync()

    def point(self, link: str, name: str) -> None:
        draft = self.root / f".{link}"
        draft.unlink(missing_ok=True)
        draft.symlink_to(Path("deployments") / name)
        self._sync()
        draft.rename(self.root / link)
        self._sync()

    def drop_previous(self) -> None:
        (self.root / "previous").unlink(missing_ok=True)

    def note(self, *, to: str, came_from: str | None, known: Sequence[str] = ()) -> None:
        """From here on `to` has yet to show that it is healthy, but for what is known."""
        draft = self._marker.with_suffix(".new")
        draft.write_text(json.dumps({"to": to, "came_from": came_from, "known": list(known)}))
        self._sync()
        draft.rename(self._marker)
        self._sync()

    def noted(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._marker.read_text()))
        except (OSError, ValueError):
            return {}

    def proven(self) -> None:
        self._marker.unlink(missing_ok=True)
        self._sync()

    def prune(self, in_use: set[str]) -> None:
        """Remove what nobody goes back to. `in_use`: releases that something still runs of."""
        held = {self.named("current"), self.named("previous")}
        for old in _newest_first(self.root / "deployments")[KEPT:]:
            if old.name not in held:
                shutil.rmtree(old)
        links = [self.next / "release", *(self.root / "deployments").glob("*/release")]
        in_use = in_use | {link.readlink().name for link in links}
        for old in _newest_first(self.root / "releases")[KEPT:]:
            if old.name not in in_use:
                # Without it the folder is no release, whenever this is cut off.
                (old / "built").unlink(missing_ok=True)
                shutil.rmtree(old)


def link(path: Path, to: Path) -> None:
    """A link, there from one moment to the next, and left alone if it is right."""
    if path.is_symlink() and path.readlink() == to:
        return
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(to)
    draft.rename(path)


def secrets_of(file: Path) -> dict[str, str]:
    """As systemd reads the file that role release has written: NAME='value', a line each."""
    found = {}
    with contextlib.suppress(FileNotFoundError):
        for line in file.read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and not name.startswith("#"):
                found[name] = value.removeprefix("'").removesuffix("'")
    return found


def releases_in_use(root: Path) -> set[str]:
    """Releases that a process was started from, such as a front that had no reason to restart."""
    found, folder = set(), f"{root}/releases/"
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            for word in file.read_bytes().decode(errors="replace").split("\0"):
                if word.startswith(folder):
                    found.add(word.removeprefix(folder).split("/")[0])
    return found


def _seen(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): _content(path) for path in _files(folder.resolve(), folder)
    }


def _files(real: Path, named: Path) -> Iterator[Path]:
    for path in real.rglob("*") if real.exists() else ():
        if path.is_symlink() or not path.is_dir():
            yield named / path.relative_to(real)


def _content(path: Path) -> object:
    return str(path.readlink()) if path.is_symlink() else (path.stat().st_mode, path.read_bytes())


def _newest_first(folder: Path) -> list[Path]:
    found = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

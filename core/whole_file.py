"""Writes files that are whole at any moment, also after the power fails.

    content > a draft beside it, on the disk > its name, in one step > the folder, on the disk

Without the first wait for the disk, a name may stand for an empty file after a power cut; without
the second, for the file of before, although somebody was told of the new one.
"""

import os
from pathlib import Path


def replace(
    path: Path, content: bytes, *, mode: int | None = None, owner_of: Path | None = None
) -> None:
    """Put content in place of what is there. OSError if the disk refuses: that stays then.

    One writer at a time. What one that was killed left behind is written over.

    Args:
        path: of the file; its folder is there.
        content: all of it.
        mode: whatever the umask is; else what that leaves of 0666.
        owner_of: the new file gets the owner of this one, if it is not ours.
    """
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    write_draft(draft, content, mode=mode, owner_of=owner_of)
    move(draft, path)


def write_draft(
    draft: Path, content: bytes, *, mode: int | None = None, owner_of: Path | None = None
) -> None:
    """Write a file that is not there yet, to be moved; whoever fails leaves none behind."""
    first_mode = 0o666 if mode is None else 0o600
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, first_mode)
    try:
        with os.fdopen(handle, "wb") as file:
            if owner_of is not None:
                _give_to_owner_of(owner_of, handle)
            if mode is not None:
                os.fchmod(handle, mode)
            file.write(content)
            file.flush()
            os.fsync(handle)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def move(draft: Path, path: Path) -> None:
    """Give a draft its name, in the same folder, for good."""
    draft.replace(path)
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """Wait for a file or, for the names in it, a folder."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _give_to_owner_of(there: Path, handle: int) -> None:
    owner = there.stat()
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(handle, owner.st_uid, owner.st_gid)

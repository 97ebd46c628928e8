"""A folder on this machine: a disk of its own, or a NAS that is mounted."""

import dataclasses
import shutil
from pathlib import Path

from backup.targets.shape import Entry, TargetError
from core import whole_file


@dataclasses.dataclass(frozen=True, slots=True)
class FolderTarget:
    folder: Path

    def put(self, path: Path, name: str) -> None:
        self._check()
        draft = self.folder / f".{name}.new"
        try:
            shutil.copyfile(path, draft)
            draft.chmod(0o600)
            whole_file.to_disk(draft)
            whole_file.move(draft, self.folder / name)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise self._error(error) from error

    def entries(self) -> list[Entry]:
        self._check()
        try:
            files = sorted(path for path in self.folder.iterdir() if path.is_file())
            return [Entry(path.name, path.stat().st_size) for path in files]
        except OSError as error:
            raise self._error(error) from error

    def fetch(self, name: str, path: Path) -> None:
        try:
            shutil.copyfile(self.folder / name, path)
        except OSError as error:
            raise self._error(error) from error

    def remove(self, name: str) -> None:
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._error(error) from error

    def _check(self) -> None:
        """It is not made: a NAS that is not mounted would be a folder of the box's own disk."""
        if not self.folder.is_dir():
            raise TargetError(f"{self.folder} is not there: is it mounted?")

    def _error(self, error: OSError) -> TargetError:
        return TargetError(f"{self.folder} cannot be used ({error.strerror})")

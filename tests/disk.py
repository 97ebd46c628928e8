"""A small ext4 disk of its own, to be counted, filled, and cut off. Needs root."""

import subprocess
from pathlib import Path
from typing import Self

_SECTOR = 512


class Disk:
    """A small ext4 file system in a file, mounted at `place` while the `with` block lasts."""

    def __init__(self, place: Path, mib: int) -> None:
        self.place = place
        self._file = place.with_suffix(".ext4")
        self._mib = mib
        self._device = ""

    def __enter__(self) -> Self:
        self.place.mkdir(mode=0o755)
        if not self._file.exists():
            with self._file.open("wb") as file:
                file.truncate(self._mib << 20)
            # Whole at once: what the kernel makes up for later would be counted as the programs'.
            now = "lazy_itable_init=0,lazy_journal_init=0"
            _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", now, self._file)
        self._device = _run("losetup", "--find", "--show", self._file).strip()
        _run("mount", self._device, self.place)
        return self

    def __exit__(self, *_: object) -> None:
        # Lazily: what failed meanwhile may still hold a file of it.
        _run("umount", "--lazy", self.place)
        _run("losetup", "--detach", self._device)

    def written(self) -> int:
        """Bytes that have gone to the device, and none that still wait."""
        _run("sync", "--file-system", self.place)
        return int(self._statistics()[6]) * _SECTOR

    def as_after_a_power_cut(self, place: Path) -> "Disk":
        """Another disk with what is on this one now: nothing that still waits to be written.

        Nobody may write meanwhile. The kernel does so by itself at times: then again.
        """
        other = Disk(place, self._mib)
        content = self._file.read_bytes()
        while content != (again := self._file.read_bytes()):
            content = again
        other._file.write_bytes(content)
        return other

    def _statistics(self) -> list[str]:
        return Path("/sys/block", Path(self._device).name, "stat").read_text().split()


def _run(*command: object) -> str:
    return subprocess.run(
        [str(each) for each in command], check=True, capture_output=True, text=True
    ).stdout

"""Writes a capture file: pcap, link type 127 (radiotap), microseconds."""

import struct
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from sniffer.scene.listening import HeardFrame

_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 127)
_RECORD = struct.Struct("<IIII")


class CaptureWriter:
    """Writes frames one by one.

    Args:
        path: of the file; what was there is gone.
        snaplen: how many octets of each frame to keep; None for all.
    """

    def __init__(self, path: Path, snaplen: int | None = None) -> None:
        self._file, self._snaplen, self._frames = path.open("wb"), snaplen, 0
        self._file.write(_HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, frame: HeardFrame) -> int:
        """Returns the frame's number in the file, from 0."""
        kept, size = frame.data[: self._snaplen], len(frame.data)
        self._file.write(_RECORD.pack(*divmod(frame.at_us, 1_000_000), len(kept), size) + kept)
        self._frames += 1
        return self._frames - 1


def write(path: Path, frames: Iterable[HeardFrame]) -> None:
    with CaptureWriter(path) as writer:
        for frame in frames:
            writer.add(frame)

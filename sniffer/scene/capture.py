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
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
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

    def add(self, frame: HeardFrame) -> None:
        size = len(frame.data)
        self._file.write(_RECORD.pack(*divmod(frame.at_us, 1_000_000), size, size) + frame.data)


def write(path: Path, frames: Iterable[HeardFrame]) -> None:
    with CaptureWriter(path) as writer:
        for frame in frames:
            writer.add(frame)

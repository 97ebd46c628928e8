"""The captures that the demo's sensor hears: generated days at a shop, made once and kept."""

import datetime as dt
import hashlib
import os
from pathlib import Path

import sniffer.scene
from sniffer.scene.shop import Scene

# On which day it begins does not matter: the replay shifts it.
_START = dt.datetime(2026, 5, 16, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def capture(folder: Path, seed: int) -> Path:
    """The capture file of one day in `folder`, made there if it is not there yet."""
    path = folder / f"scene-{seed}-{_version()}.pcap"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        Scene(start=_START, seed=seed).write(draft)
        draft.rename(path)
    return path


def _version() -> str:
    """A digest of the generator's source, so that a cached scene is never an old one."""
    digest = hashlib.blake2b(digest_size=4)
    for file in sorted(Path(sniffer.scene.__path__[0]).iterdir()):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()

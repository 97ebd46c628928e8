"""The capture that the demo's sensor hears: a generated day at a shop, made once and kept."""

import datetime as dt
import hashlib
import os
from pathlib import Path

import sniffer.scene
from sniffer.scene.shop import Scene

# When it begins does not matter: the replay shifts it.
SCENE = Scene(start=dt.datetime(2026, 5, 16, 2, tzinfo=dt.UTC), seed=20260516)


def capture(folder: Path) -> Path:
    """The capture file in `folder`, made there if it is not there yet (some seconds)."""
    path = folder / f"scene-{SCENE.seed}-{_version()}.pcap"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        SCENE.write(draft)
        draft.rename(path)
    return path


def _version() -> str:
    """A digest of the generator's source, so that a cached scene is never an old one."""
    digest = hashlib.blake2b(digest_size=4)
    for file in sorted(Path(sniffer.scene.__path__[0]).iterdir()):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()

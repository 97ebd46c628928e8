"""Pictures of campaigns: what was uploaded is decoded, and written anew from its pixels.

The name and the type that a browser sends are not looked at. Nothing of the file survives but
what can be seen: no position, no profile, no page of another sort behind the picture. No Flask.
"""

import hashlib
import io
import secrets
from pathlib import Path

from core import whole_file

MOST_BYTES = 8 * 1024 * 1024
WIDTH = 780
"""Twice the width of a phone's page: sharp on its screen."""
HEIGHT = 1040
"""Of a page of 390 px, a picture may fill what the screen shows at once."""
_WEIGHT = 40 * 1024
_QUALITIES = (82, 70, 58, 46, 34)
_SHRINK = 0.75


class PictureError(ValueError):
    """It is no picture that we take. The reason has its text in the catalogues."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def remade(upload: bytes) -> bytes:
    """The picture as WebP, at most 780 px wide and 40 KB; or PictureError."""
    if len(upload) > MOST_BYTES:
        raise PictureError("too_large")
    from analytics.dashboard import picture_decoding  # noqa: PLC0415 - Pillow takes 7 MiB

    picture = picture_decoding.decoded(upload)
    picture.thumbnail((WIDTH, HEIGHT))
    while True:
        for quality in _QUALITIES:
            written = io.BytesIO()
            # Only the pixels are handed over: what else was in the file is in `info`.
            picture.save(written, "WEBP", quality=quality, method=4, exif=b"", icc_profile=b"")
            if written.tell() <= _WEIGHT:
                return written.getvalue()
        picture = picture.resize([max(int(side * _SHRINK), 1) for side in picture.size])


def keep(folder: Path, picture: bytes) -> str:
    """Write a picture that was made here; its name is the hash of what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(picture).hexdigest()[:32] + ".webp"
    path = folder / name
    if not path.exists():
        # By its name it is never written again. Two people may keep the same one at once.
        draft = folder / f"{name}.{secrets.token_hex(8)}"
        whole_file.write_draft(draft, picture)
        whole_file.move(draft, path)
    return name

"""The font of printed reports: one that has Chinese and Latin letters, from a Debian package.

None is shipped: the smallest is as large as the rest of Doorman together. Only fonts with
TrueType outlines will do; those of `fonts-noto-cjk` have others, which reportlab does not read.
"""

from pathlib import Path

PACKAGE = "fonts-wqy-microhei"

_FOLDER = Path("/usr/share/fonts/truetype/wqy")
# The better looking first.
_NAMES = ("wqy-microhei.ttc", "wqy-zenhei.ttc")


class NoFontError(Exception):
    """There is no font to print with. The message says which package to install."""


def find(folder: Path = _FOLDER) -> Path:
    """The font's file, or NoFontError."""
    for name in _NAMES:
        if (folder / name).is_file():
            return folder / name
    raise NoFontError(f"no font for reports as PDF: apt-get install {PACKAGE}")

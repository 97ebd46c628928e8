"""Decodes an uploaded picture, and trusts nothing of it. No Flask.

Loaded when the first picture comes: most boxes get few, and Pillow would stay in memory.
"""

import io
import struct
import warnings

from PIL import Image, ImageOps

from analytics.dashboard.pictures import HEIGHT, WIDTH, PictureError

_MOST_PIXELS = 24_000_000
_PALETTES = {"1", "P", "PA"}
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def decoded(upload: bytes) -> Image.Image:
    """Its pixels on white; PictureError if it is no picture that we take."""
    try:
        opened = _opened(upload)
        # A JPEG is unpacked at the size that is needed.
        opened.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        if upright.mode not in _PALETTES:
            upright.thumbnail((WIDTH, HEIGHT))
        coloured = upright.convert("RGBA")
    except PictureError:
        raise
    # Decoders for four formats fail in all of these ways on what is not theirs.
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, struct.error) as error:
        raise PictureError("not_a_picture") from error
    except Image.DecompressionBombError as error:
        raise PictureError("too_many_pixels") from error
    ground = Image.new("RGB", coloured.size, "white")
    ground.paste(coloured, mask=coloured.getchannel("A"))
    return ground


def _opened(upload: bytes) -> Image.Image:
    """What the header says, with nothing unpacked yet."""
    with warnings.catch_warnings():
        # What Pillow warns of is far larger than what is let through below.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        opened = Image.open(io.BytesIO(upload), formats=_FORMATS)
    if opened.width * opened.height > _MOST_PIXELS:
        raise PictureError("too_many_pixels")
    return opened

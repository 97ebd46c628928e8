"""Hostile uploads: what is kept is pixels, and few of them."""

import io
import struct
import zlib

import pytest
from PIL import Image, TiffImagePlugin

from analytics.dashboard import pictures
from analytics.dashboard.pictures import PictureError, remade

GPS, CAMERA = 0x8825, 0x010F
ZIP = b"PK\x03\x04evil.exe"
SCRIPT = b"<html><script>alert(1)</script></html>"


def written(sort="JPEG", size=(800, 600), mode="RGB", **options):
    file = io.BytesIO()
    noise = Image.effect_noise((size[0] // 4 or 1, size[1] // 4 or 1), 90).resize(size)
    noise.convert(mode).save(file, sort, **options)
    return file.getvalue()


def opened(picture):
    return Image.open(io.BytesIO(picture), formats=["WEBP"])


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, *chunks):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("sort", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(1600, 1000), (500, 2400), (1, 1), (780, 1)])
def test_every_picture_becomes_a_small_one(sort, size):
    picture = remade(written(sort, size))

    assert len(picture) <= 40 * 1024
    width, height = opened(picture).size
    assert width <= 780
    assert height <= 1040
    assert width * height > 0


@pytest.mark.parametrize(
    ("sort", "mode"),
    [("PNG", "L"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "1"), ("PNG", "LA"), ("JPEG", "CMYK")],
)
def test_every_sort_of_colour_is_taken(sort, mode):
    assert opened(remade(written(sort, mode=mode))).mode == "RGB"


def test_what_cannot_be_seen_through_becomes_white():
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    file = io.BytesIO()
    clear.save(file, "PNG")

    assert min(opened(remade(file.getvalue())).convert("RGB").getpixel((5, 5))) > 250


def test_where_and_with_what_it_was_taken_is_gone():
    exif = Image.Exif()
    exif[CAMERA] = "Spy Camera"
    exif[GPS] = {2: tuple(TiffImagePlugin.IFDRational(each) for each in (31, 13, 49))}
    upload = written(exif=exif, comment=b"home address", icc_profile=b"profile" * 20)
    assert b"Spy Camera" in upload
    picture = remade(upload)

    found = opened(picture)
    assert dict(found.getexif()) == {}
    assert "icc_profile" not in found.info
    for trace in (b"Spy", b"EXIF", b"ICCP", b"XMP ", b"home"):
        assert trace not in picture


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    width, height = opened(remade(written(size=(400, 200), exif=exif))).size
    assert (width, height) == (200, 400)


@pytest.mark.parametrize("tail", [ZIP, SCRIPT, b"\0" * 1000])
def test_what_hides_behind_a_picture_does_not_stay(tail):
    picture = remade(written(size=(40, 40)) + tail)

    assert tail not in picture
    assert picture[:4] == b"RIFF"
    assert struct.unpack("<I", picture[4:8])[0] + 8 == len(picture)


def test_a_page_inside_a_comment_does_not_stay():
    assert b"script" not in remade(written(comment=SCRIPT))


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        pytest.param(b"", "not_a_picture", id="nothing"),
        pytest.param(SCRIPT, "not_a_picture", id="page"),
        pytest.param(
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
            "not_a_picture",
            id="svg",
        ),
        pytest.param(b"GIF89a" + SCRIPT, "not_a_picture", id="page that begins as a GIF"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\0" * 100, "not_a_picture", id="empty JPEG"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n", "not_a_picture", id="PostScript"),
        pytest.param(b"BM" + b"\0" * 200, "not_a_picture", id="another format"),
        pytest.param(png(60_000, 60_000), "too_many_pixels", id="bomb"),
        pytest.param(png(5000, 5000), "too_many_pixels", id="smaller bomb"),
        pytest.param(png(2**31 - 1, 1), "too_many_pixels", id="long bomb"),
        pytest.param(
            png(10, 10, chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 90_000_000))),
            "not_a_picture",
            id="bomb of text",
        ),
        pytest.param(bytes(pictures.MOST_BYTES + 1), "too_large", id="large"),
    ],
)
def test_what_is_no_picture_is_refused(upload, reason):
    with pytest.raises(PictureError) as error:
        remade(upload)

    assert error.value.reason == reason


@pytest.mark.parametrize("sort", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_half_a_picture_is_none(sort, share):
    whole = written(sort, (200, 200))

    with pytest.raises(PictureError):
        remade(whole[: int(len(whole) * share)])


def test_the_name_is_of_what_is_in_it(tmp_path):
    one, other = remade(written(size=(40, 40))), remade(written(size=(50, 40)))
    names = [pictures.keep(tmp_path / "pictures", each) for each in (one, one, other)]

    assert names[0] == names[1] != names[2]
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == sorted(set(names))
    assert (tmp_path / "pictures" / names[0]).read_bytes() == one

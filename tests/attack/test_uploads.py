"""Files that are not what they should be, from somebody of the staff."""

import io
import struct
import zlib

import pytest

from tests.attack.web_programs import dashboard

OURS = {"Origin": "http://localhost"}
PLACES = {"/campaigns/save": "picture", "/calibration/file": "file"}


def png(width, height, data):
    """A PNG that says it is so large, and holds so much."""

    def chunk(sort, content):
        whole = sort + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(data, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


FILES = {
    "a picture of 10^18 dots": png(2**30, 2**30, b""),
    "a picture that unpacks to 50 MB": png(50_000, 50_000, bytes(50_000_000)),
    "a small one that unpacks to 20 MB": png(10, 10, bytes(20_000_000)),
    "packed": zlib.compress(bytes(9_000_000)),
    "a page": b"<html><script>alert(1)</script>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
    "one endless line": b"2026-05-16;" * 20_000,
    "numbers without end": b"hour;in\n" + b"9" * 100_000,
}


@pytest.fixture
def manager(request):
    return dashboard(request)[1]


def send(manager, place, octets, name="../../../evil.webp"):
    form = {"name": "x", "heading": "x", PLACES[place]: (io.BytesIO(octets), name, "image/webp")}
    return manager.post(
        place, data=form, headers=OURS, content_type="multipart/form-data", buffered=True
    )


@pytest.mark.parametrize("place", PLACES)
def test_no_file_bursts_what_reads_it(manager, settings, place):
    for sort, octets in FILES.items():
        assert send(manager, place, octets).status_code == 422, sort

    # The dashboard's own files apart, nothing was kept, and nothing by the name that came along.
    assert not [each for each in settings.data_dir.rglob("*") if each.suffix == ".webp"]


@pytest.mark.parametrize("place", PLACES)
def test_no_form_of_a_thousand_parts_is_read(manager, place):
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n1\r\n'
    answer = manager.post(
        place,
        data=part * 2000 + b"--x--\r\n",
        headers=OURS,
        content_type="multipart/form-data; boundary=x",
    )

    assert answer.status_code == 413

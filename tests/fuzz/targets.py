"""What a fuzzer feeds: any octets into the decoder, and into the reader of captures.

Each takes octets and returns nothing; what must hold of them is asserted. The seeds are
frames and files of every sort that is read, for a fuzzer to start from.
"""

import gzip
import io
import itertools
import struct
from collections.abc import Iterator

from sniffer import capture_file, frames
from sniffer.frames import Frame, ProbeRequest, Rejected, decode
from tests.sniffer import octets as made
from tests.sniffer.capture_octets import block, interface, option, packet, pcap, record, section

LINKS = (
    frames.LINK_RADIOTAP,
    frames.LINK_80211,
    frames.LINK_PRISM,
    frames.LINK_AVS,
    frames.LINK_PPI,
    1,
)


def decoder(data: bytes) -> None:
    """The first octet chooses link type and whether the capture cut the frame; a frame follows."""
    if not data:
        return
    link_type, missing = LINKS[data[0] % len(LINKS)], data[0] // len(LINKS)
    frame = data[1:]
    frames._sorts.clear()
    first = decode(frame, link_type, missing=missing)
    check(first)
    assert first == decode(frame, link_type, missing=missing), "known sorts are read alike"
    if link_type == frames.LINK_RADIOTAP:
        # What is behind the header must not change how the header is read.
        length = int.from_bytes(frame[2:4], "little")
        check(decode(frame[:length] + made.dot11(), link_type, missing=missing))


def check(found: ProbeRequest | Rejected) -> None:
    if isinstance(found, Rejected):
        return
    assert len(found.address) == 6
    assert found.signal_dbm is None or -128 <= found.signal_dbm <= 127
    assert found.frequency_mhz is None or 0 < found.frequency_mhz < 1 << 16
    assert 0 <= found.sequence < 4096
    assert found.fingerprint
    assert repr(found) == "ProbeRequest(hidden)"


def reader(data: bytes) -> None:
    """A whole file."""
    stream = io.BufferedReader(io.BytesIO(data))
    try:
        # A packed file may hold a thousand times its own size.
        for frame in itertools.islice(capture_file._frames(lambda: stream, "it"), 5000):
            assert isinstance(frame, Frame)
            assert frame.missing >= 0
            check(decode(frame.data, frame.link_type, missing=frame.missing))
    except capture_file.CaptureFileError:
        pass


TARGETS = {"decoder": decoder, "reader": reader}


def seeds(target: str) -> Iterator[bytes]:
    if target == "decoder":
        for link_type, frame in frames_of_all_sorts():
            for cut in (0, 7):
                yield bytes((LINKS.index(link_type) + cut * len(LINKS),)) + frame
    else:
        yield from files_of_all_sorts()


def frames_of_all_sorts() -> Iterator[tuple[int, bytes]]:
    bare = made.dot11()
    yield frames.LINK_80211, bare
    yield frames.LINK_80211, made.dot11(b"\1\2\3\4" + made.ELEMENTS, control=0x8040)
    for header in radiotap_headers():
        yield frames.LINK_RADIOTAP, header + bare
        yield frames.LINK_RADIOTAP, header + made.fcs(bare)
    yield frames.LINK_PRISM, made.prism() + bare
    yield frames.LINK_PRISM, made.prism(order=">") + bare
    yield frames.LINK_AVS, made.avs() + bare
    yield frames.LINK_PPI, made.ppi() + bare


def radiotap_headers() -> Iterator[bytes]:
    extended, again, vendor = 1 << 31, 1 << 29, 1 << 30
    yield made.radiotap()
    yield made.radiotap(flags=0x10)
    yield made.radiotap_header([0x482F], bytes(14) + b"\xc4\0" + bytes(2))
    yield made.radiotap_header([1 << 5 | extended | again, 1 << 5 | 1 << 11], b"\xc4\xc0\1")
    yield made.radiotap_header(
        [vendor | extended, again | extended, 1 << 5], b"\0\x17\xf2\0\2\0ab\xc4"
    )
    yield made.radiotap_header([1 << 18 | 1 << 20 | 1 << 28], bytes(40))


def files_of_all_sorts() -> Iterator[bytes]:
    frame = made.probe_request()
    for order, magic in itertools.product("<>", (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)):
        extra = bytes(8) if magic == 0xA1B2CD34 else b""
        records = [record(order, frame, on_air=on_air, extra=extra) for on_air in (len(frame), 400)]
        yield pcap(order, *records, magic=magic)
    yield gzip.compress(pcap("<", record("<", frame)))
    for order in "<>":
        simple = block(order, 3, struct.pack(order + "I", len(frame)) + frame)
        units = option(order, 9, b"\x09") + option(order, 14, struct.pack(order + "q", 8 * 3600))
        blocks = interface(order, options=units) + packet(order, frame) + simple
        yield section(order) + blocks + block(order, 0xBAD, b"of another sort") + section(order)

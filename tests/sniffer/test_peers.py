"""What others read out of the same frames: tshark, and dpkt where it can."""

import random
import shutil
import struct
import subprocess
import warnings

import pytest

from sniffer import fingerprint, frames, radiotap
from sniffer.frames import ProbeRequest, decode
from tests.sniffer import octets
from tests.sniffer.capture_octets import interface, packet, pcap, record, section

COUNT = 400
FIELDS = (
    "radiotap.dbm_antsignal",
    "radiotap.channel.freq",
    "radiotap.xchannel.freq",
    "wlan_radio.signal_dbm",
    "wlan_radio.frequency",
    "wlan.ta",
    "wlan.seq",
    "wlan.tag.number",
    "wlan.tag.length",
    "prism.did.channel",
    "prism.did.signal",
)
EXTENDED, AGAIN, VENDOR, TLV = 1 << 31, 1 << 29, 1 << 30, 1 << 28
FLAGS, CHANNEL, SIGNAL, RX_FLAGS, XCHANNEL, AMPDU, ANTENNA = 1, 3, 5, 14, 18, 20, 11
# One says that there is no frame. Tshark 4.0 does not know the other, and stops there.
NO_PSDU, HE_MU_OTHER = 26, 25


def radiotap_header(rng):
    """Any fields in any number of words; antennas, a vendor's fields, entries at the end."""
    first = {n for n in range(28) if n not in {NO_PSDU, HE_MU_OTHER} and rng.random() < 0.4}
    antennas = [{SIGNAL, ANTENNA}] * rng.choice((0, 0, 1, 2, 4))
    namespaces = [first, *antennas]
    words = [sum(1 << n for n in fields) for fields in namespaces]
    is_vendors = rng.random() < 0.2
    if is_vendors:
        words.insert(1, rng.getrandbits(28))
    for number in range(len(words) - 1):
        words[number] |= EXTENDED | AGAIN
    if is_vendors:
        words[0] ^= AGAIN | VENDOR
    has_entries = not is_vendors and rng.random() < 0.2
    words[-1] |= TLV if has_entries else 0

    out = bytearray(4 + 4 * len(words))
    for number, fields in enumerate(namespaces):
        for field in sorted(fields):
            alignment, size = radiotap._FIELDS[field]
            out += bytes(-len(out) % alignment) + valid(field, rng.randbytes(size))
        if is_vendors and number == 0:
            skipped = rng.randrange(9)
            out += bytes(-len(out) % 2) + b"\x00\x17\xf2\x01"
            out += struct.pack("<H", skipped) + rng.randbytes(skipped)
    if has_entries:
        out += bytes(-len(out) % 4) + struct.pack("<HH12s", 33, 12, bytes(12))
    return octets.radiotap_header(words, bytes(out[4 + 4 * len(words) :]))


def valid(field, value):
    """So that the frame is no damaged one, and has no check sequence."""
    if field in {FLAGS, RX_FLAGS}:
        return bytes(len(value))
    if field == CHANNEL:
        return struct.pack("<HH", random.Random(value).choice((2437, 5180, 5955)), 0x80)
    if field == XCHANNEL:
        return struct.pack("<IHBB", 0x10080, 5240, 48, 20)
    if field == AMPDU:
        return bytes(8)
    return value


def elements(rng):
    """Of ids that tshark only counts."""
    some = [octets.element(rng.randrange(128, 190), rng.randbytes(9)) for _ in range(4)]
    return octets.element(0, b"name"[: rng.randrange(5)]) + octets.RATES + b"".join(some)


def generated(seed=5):
    rng = random.Random(seed)
    for sequence in range(COUNT):
        control = rng.choice((0x0040, 0x0840, 0x8040))
        body = (b"\1\2\3\4" if control & 0x8000 else b"") + elements(rng)
        sender = bytes((rng.getrandbits(7) << 1, *rng.randbytes(5)))
        frame = octets.dot11(body, sender=sender, sequence=sequence, control=control)
        yield radiotap_header(rng) + frame


def by_tshark(path):
    fields = [part for field in FIELDS for part in ("-e", field)]
    command = ["tshark", "-n", "-T", "fields", "-E", "occurrence=a", *fields, "-r", path]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        yield [value.split(",") if value else [] for value in line.split("\t")]


def numbers(values):
    return [int(value) for value in values]


needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="not installed: tshark")


@needs_tshark
def test_reads_what_tshark_reads_behind_any_radiotap_header(tmp_path):
    captured = list(generated())
    (tmp_path / "it.pcap").write_bytes(pcap("<", *(record("<", data) for data in captured)))

    read_whole = 0
    for data, told in zip(captured, by_tshark(tmp_path / "it.pcap"), strict=True):
        signals, channel, xchannel, _, _, sender, sequence, *_ = told
        request = decode(data, frames.LINK_RADIOTAP)

        is_combined = int.from_bytes(data[4:8], "little") >> SIGNAL & 1
        of_antennas = numbers(signals[:1] if is_combined else signals)
        assert request.signal_dbm == max(of_antennas, default=None)
        assert request.frequency_mhz == next(iter(numbers(channel or xchannel)), None)
        # Behind entries of type, length and value, tshark 4.0 reads no frame.
        if sender:
            read_whole += 1
            assert ([request.address.hex(":")], [request.sequence]) == (sender, numbers(sequence))
    assert read_whole > 0.8 * COUNT


@needs_tshark
def test_reads_what_tshark_reads_behind_older_headers(tmp_path):
    bare = octets.dot11(sequence=77)
    captured = [
        (frames.LINK_80211, bare),
        (frames.LINK_PRISM, octets.prism(channel=11, signal=-33) + bare),
        (frames.LINK_PRISM, octets.prism(channel=3, kinds=0x1041, step=1 << 12) + bare),
        (frames.LINK_PRISM, octets.avs(signal=-70) + bare),
        (frames.LINK_AVS, octets.avs(channel=13, signal=-71) + bare),
        (frames.LINK_AVS, octets.avs(channel=14, unit=3) + bare),
        (frames.LINK_PPI, octets.ppi(frequency_mhz=5745, signal_dbm=-44) + bare),
        (frames.LINK_PPI, octets.ppi(before=b"\x05\0\x03\0abc") + bare),
    ]
    interfaces = b"".join(interface("<", link_type) for link_type, _ in captured)
    packets = b"".join(packet("<", data, number=n) for n, (_, data) in enumerate(captured))
    (tmp_path / "it.pcapng").write_bytes(section("<") + interfaces + packets)

    for (link_type, data), told in zip(captured, by_tshark(tmp_path / "it.pcapng"), strict=True):
        _, _, _, signal, frequency, sender, sequence, tags, lengths, channel, prism_signal = told
        request = decode(data, link_type)

        assert ([request.address.hex(":")], [request.sequence]) == (sender, numbers(sequence))
        assert (tags, lengths) == (["0", "1", "45"], ["0", "4", "26"])
        assert request.signal_dbm == next(iter(numbers(signal or prism_signal)), None)
        if channel:
            frequency = [str(2407 + 5 * int(channel[0]))]
        assert request.frequency_mhz == next(iter(numbers(frequency)), None)


def test_finds_the_same_looks_as_dpkt():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import dpkt  # noqa: PLC0415 - it warns of its own code when loaded
    rng = random.Random(5)
    ours, theirs = set(), set()
    for _ in range(COUNT):
        bare = octets.dot11(elements(random.Random(rng.randrange(COUNT // 4))))
        theirs.add(tuple(bytes(each) for each in dpkt.ieee80211.IEEE80211(bare).ies if each.id))
        found = decode(octets.radiotap() + bare, frames.LINK_RADIOTAP)
        assert isinstance(found, ProbeRequest)
        ours.add(found.fingerprint)

    assert len(ours) == len(theirs) > COUNT // 8
    assert ours == {fingerprint.of(octets.element(0) + b"".join(each)) for each in theirs}

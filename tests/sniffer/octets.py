"""Frames put together octet by octet, for tests to spoil where they want."""

import struct
import zlib

PHONE = bytes.fromhex("3c2ef9a41b07")
EVERYBODY = b"\xff" * 6
FLAGS_CHANNEL_SIGNAL = 1 << 1 | 1 << 3 | 1 << 5


def element(tag, content=b""):
    return bytes((tag, len(content))) + content


RATES = element(1, bytes.fromhex("02040b16"))
CAPABILITIES = element(45, bytes(range(26)))
ELEMENTS = element(0) + RATES + CAPABILITIES


def radiotap(signal_dbm=-60, frequency_mhz=2437, flags=0):
    fields = struct.pack("<BxHHb", flags, frequency_mhz, 0x00A0, signal_dbm)
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), FLAGS_CHANNEL_SIGNAL) + fields


def dot11(elements=ELEMENTS, *, sender=PHONE, sequence=0, control=0x0040):
    header = struct.pack("<HH", control, 0) + EVERYBODY + sender + EVERYBODY
    return header + struct.pack("<H", sequence << 4) + elements


def fcs(frame):
    return frame + zlib.crc32(frame).to_bytes(4, "little")


def probe_request(elements=ELEMENTS, *, sender=PHONE, sequence=0, signal_dbm=-60):
    return radiotap(signal_dbm) + dot11(elements, sender=sender, sequence=sequence)

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


def radiotap_header(words, fields):
    present = struct.pack(f"<{len(words)}I", *words)
    return struct.pack("<BBH", 0, 0, 4 + len(present) + len(fields)) + present + fields


def radiotap(signal_dbm=-60, frequency_mhz=2437, flags=0):
    fields = struct.pack("<BxHHb", flags, frequency_mhz, 0x00A0, signal_dbm)
    return radiotap_header([FLAGS_CHANNEL_SIGNAL], fields)


def prism(order="<", *, channel=6, signal=-60, kinds=0x00010044, step=1 << 16):
    absent, told = 1, {2: channel, 5: signal}
    items = [
        struct.pack(order + "IHHi", kinds + step * n, n not in told and absent, 4, told.get(n, 0))
        for n in range(10)
    ]
    return struct.pack(order + "II16s", 0x44, 144, b"wlan0") + b"".join(items)


def avs(*, channel=6, unit=2, signal=-60):
    told = (0x80211001, 64, 0, 0, 4, channel, 10, 0, 0, unit, signal, -95, 0, 0)
    return struct.pack(">IIQQIIIIIIiiII", *told)


def ppi(*, flags=0, frequency_mhz=2437, signal_dbm=-60, link_type=105, before=b""):
    common = struct.pack("<QHHHHBBbb", 0, flags, 2, frequency_mhz, 0x00A0, 0, 0, signal_dbm, -95)
    fields = before + struct.pack("<HH", 2, len(common)) + common
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), link_type) + fields


def dot11(elements=ELEMENTS, *, sender=PHONE, sequence=0, control=0x0040):
    header = struct.pack("<HH", control, 0) + EVERYBODY + sender + EVERYBODY
    return header + struct.pack("<H", sequence << 4) + elements


def fcs(frame):
    return frame + zlib.crc32(frame).to_bytes(4, "little")


def probe_request(elements=ELEMENTS, *, sender=PHONE, sequence=0, signal_dbm=-60):
    return radiotap(signal_dbm) + dot11(elements, sender=sender, sequence=sequence)

"""Capture files put together octet by octet, for tests to spoil where they want."""

import struct

AT_US = 1_778_913_000_123_456


def pcap(order="<", *records, magic=0xA1B2C3D4, link_type=127):
    header = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link_type)
    return header + b"".join(records)


def record(order, data, *, fraction=123_456, on_air=None, extra=b""):
    header = (1_778_913_000, fraction, len(data), on_air or len(data))
    return struct.pack(order + "IIII", *header) + extra + data


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order, link_type=127, *, snap_length=0, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, snap_length) + options)


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def packet(order, data, *, ticks=AT_US, on_air=None, number=0):
    fields = (number, ticks >> 32, ticks & 0xFFFFFFFF, len(data), on_air or len(data))
    return block(order, 6, struct.pack(order + "IIIII", *fields) + data)

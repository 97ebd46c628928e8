"""Which sets of `ruleset.nft` a phone is in, and what is written there. Pure.

    online          its address             what it sends passes
    passing         its address             the same, to the pass hosts alone
    marks           its address -> mark     written on each of its connections
    answered        its mark                what comes back passes
    upload_limits, download_limits          its mark, if it has that limit
    quotas          its mark, if it has one: both directions count in one element

The address alone is the key: one login opens IPv4 and every IPv6 address a phone has.
The mark of a connection begun with a pass has one more bit, so that a pass answers for
nothing that was begun while online.
"""

import hashlib
import sys
from collections.abc import Iterator

from gate.nf_tables import Add, Delete, Limit, Quota
from gate.shape import Limits

_PASS_BIT = 1 << 31
_BYTES_S_IN_KBIT_S = 125
_MARKED = ("answered", "upload_limits", "download_limits", "quotas")
# A packet that the kernel has put together is as long as this; a smaller burst lets none pass.
_BURST = 128 * 1024


def admit(mac: str, seconds: int, limits: Limits) -> list[Add | Delete]:
    """One transaction, whatever the phone had before."""
    address = octets(mac)
    return [*revoke(mac), *_join("online", address, marks_of(address)[0], seconds, limits)]


def give_pass(mac: str, seconds: int, limits: Limits) -> list[Add | Delete]:
    """One transaction, whatever the phone had before."""
    address = octets(mac)
    return [*revoke(mac), *_join("passing", address, marks_of(address)[1], seconds, limits)]


def revoke(mac: str) -> list[Add | Delete]:
    """One transaction. Each member is added and deleted: deleting one that is not there fails.

    To add alone would not extend the time of one that is there (Linux before 6.12).
    """
    address = octets(mac)
    marks = marks_of(address)
    members = [
        Add("online", address),
        Add("passing", address),
        Add("marks", address, data=marks[0]),
        *(Add(name, mark) for mark in marks for name in _MARKED),
    ]
    return [change for each in members for change in (each, Delete(each.set_name, each.key))]


def marks_of(address: bytes) -> tuple[bytes, bytes]:
    """The marks of a phone's connections: of those begun online, of those begun with a pass.

    31 bits, never 0, which means no mark. Made from the address, so that nothing has to be
    remembered. Of 1,000 phones, two share one with a probability of 0.0002; then what ends
    one ends the other's answers.
    """
    digest = hashlib.blake2b(address, digest_size=4).digest()
    mark = int.from_bytes(digest) & ~_PASS_BIT or 1
    return mark.to_bytes(4, sys.byteorder), (mark | _PASS_BIT).to_bytes(4, sys.byteorder)


def octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _join(name: str, address: bytes, mark: bytes, seconds: int, limits: Limits) -> Iterator[Add]:
    time_ms = seconds * 1000
    yield Add(name, address, time_ms)
    yield Add("marks", address, time_ms, data=marks_of(address)[0])
    yield Add("answered", mark, time_ms)
    for set_name, kbit_s in (
        ("upload_limits", limits.up_kbit_s),
        ("download_limits", limits.down_kbit_s),
    ):
        if kbit_s:
            limit = Limit(kbit_s * _BYTES_S_IN_KBIT_S, _BURST)
            yield Add(set_name, mark, time_ms, expression=limit)
    if limits.bytes:
        yield Add("quotas", mark, time_ms, expression=Quota(limits.bytes))

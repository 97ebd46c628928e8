"""An address, a network and a device that nothing may keep; how they might be written down.

Where they turn up after they went through a program, it has kept something of a phone.
"""

import base64
from pathlib import Path

from tests.sniffer.octets import CAPABILITIES, RATES, dot11, element, radiotap

ADDRESS = bytes.fromhex("3e2ef9a41b07")
NETWORK = b"Canary-Home-7Q"
DEVICE = b"Canary-Phone-3X"
ELEMENT = bytes.fromhex("c0ffee5eed1dea5eba5eba11ca5cade5")
"""The body of an element by which one phone might be told from all others."""

SECRETS = (ADDRESS, NETWORK, DEVICE, ELEMENT)

_WPS = b"\x00\x50\xf2\x04\x10\x11\x00" + bytes((len(DEVICE),)) + DEVICE
_ELEMENTS = (
    element(0, NETWORK)
    + RATES
    + CAPABILITIES
    + element(84, bytes((0, len(NETWORK))) + NETWORK)
    + element(221, b"\x00\x17\xf2" + ELEMENT)
    + element(221, _WPS)
)
_PROBE_REQUEST = dot11(_ELEMENTS, sender=ADDRESS)

HEARD = 2
REJECTED = 3
FRAMES = [
    radiotap() + _PROBE_REQUEST,
    radiotap() + dot11(_ELEMENTS, sender=ADDRESS, sequence=1),
    # An element that claims more than there is, and a check sequence that is wrong.
    radiotap() + _PROBE_REQUEST[:-3],
    radiotap(flags=0x40) + _PROBE_REQUEST,
    # A group's address sends nothing.
    radiotap() + dot11(_ELEMENTS, sender=bytes([ADDRESS[0] | 1]) + ADDRESS[1:]),
]
"""So many that become sightings, then so many that do not."""


def spellings(octets: bytes) -> set[bytes]:
    found = set()
    for each in (octets, octets[::-1]):
        pairs = each.hex("-").split("-")
        found.add(each)
        for joined in ("", ":", "-", " ", ", ", "\\x"):
            found.add(joined.join(pairs).encode())
            found.add(joined.join(pairs).upper().encode())
        for written in (each, each.hex(":").encode(), each.hex().encode()):
            for before, spoilt in ((0, 0), (1, 2), (2, 3)):
                # Base64 of a longer text around it: characters at the ends mix with that.
                whole = (before + len(written)) * 8 // 6
                text = base64.b64encode(bytes(before) + written)[spoilt:whole]
                found |= {text, text.translate(bytes.maketrans(b"+/", b"-_"))}
    found.add(str(int.from_bytes(octets)).encode())
    found.add(str(int.from_bytes(octets, "little")).encode())
    return found


_SPELLINGS = {secret: spellings(secret) for secret in SECRETS}


def found_in(content: bytes) -> list[tuple[bytes, bytes]]:
    """Which of the secrets are in there, each as it is spelt."""
    return [
        (secret, spelling)
        for secret, spelled in _SPELLINGS.items()
        for spelling in spelled
        if spelling in content
    ]


def found_under(folder: Path) -> dict[Path, list[tuple[bytes, bytes]]]:
    """The files that hold any, by content or by name; there must be files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    found = {path: found_in(path.name.encode() + path.read_bytes()) for path in files}
    return {path: secrets for path, secrets in found.items() if secrets}

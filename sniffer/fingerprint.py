"""What a phone's probe requests look like, whoever sends them and whatever they ask for.

    tag | length | content | tag | length | content | ...

Phones of one model and system send the same elements in the same order, and go on
doing so when they change their address. So the fingerprint is a digest over all
elements as they stand, except what differs between two frames of one phone or tells
about its owner; of that, only the presence counts:

- names of networks (SSID, SSID list, mesh ID, short SSIDs), in which a phone may ask
  for its owner's home by name: passed over here and read nowhere else
- the channel (DS parameter)
- the body of Wi-Fi Protected Setup, which holds the device's own name and serial
- how long the phone waits on this channel (FILS request parameters): it differs from
  one scan of a phone to the next

One phone still has several fingerprints: what it can do differs from band to band and from
scan to scan. So a fingerprint has two halves. The first is that of its kind, and leaves out
what was seen to differ under one address of a phone; the second is of everything:

- the channel's element, which is missing at 5 GHz
- HT capabilities: width, power save, short guard interval, space-time coding, DSSS/CCK and
  40 MHz intolerance; the number of streams
- extended capabilities: coexistence, channel switching, the answer to a transition, QoS
  traffic, operating mode
- an element of Microsoft's (type 8), in which some drivers leave whatever was in memory

Seen in a lecture room of 2023 and a laboratory of 2022 (docs/decisions/0018-devices.md),
under addresses with several fingerprints.
"""

import hashlib

_SSID, _DS_PARAMETER, _SSID_LIST, _MESH_ID, _VENDOR, _EXTENSION = 0, 3, 84, 114, 221, 255
_BLANKED = frozenset({_SSID, _DS_PARAMETER, _SSID_LIST, _MESH_ID})
_SHORT_SSID_LIST, _FILS_REQUEST = b"\x3a", b"\x02"
_BLANKED_EXTENSIONS = frozenset({_SHORT_SSID_LIST, _FILS_REQUEST})
_WPS = b"\x00\x50\xf2\x04"

_HT_CAPABILITIES, _EXTENDED_CAPABILITIES = 45, 127
_LEFTOVERS = b"\x00\x50\xf2\x08"
# Bits that tell nothing of a kind: of capabilities and A-MPDU parameters; of octets 0 to 7.
_HT_VARIES = b"\xce\x51\x00"
_EXTENDED_VARIES = b"\x05\x00\x08\x04\x00\x00\x00\x40"

_HALF = 8

SAYS_NOTHING = b""
"""Fingerprint of elements none of which could tell one phone from another."""

# By a hash of the elements, not the elements: Python's hash of bytes is SipHash with a
# key that each process draws anew, so nothing of a frame stays here.
_remembered: dict[int, bytes] = {}

# A busy shop hears some hundred variants in a day.
_MOST_REMEMBERED = 4096


def digest(content: bytes | bytearray) -> bytes:
    return hashlib.blake2b(content, digest_size=_HALF).digest()


def kind(fingerprint: bytes) -> bytes:
    """What all fingerprints of one phone have in common, most times."""
    return fingerprint[:_HALF]


def recall(data: bytes, at: int, end: int) -> bytes | None:
    """What `of` gave for elements like those in `data[at:end]`, whatever network they named.

    Args:
        data: a frame; not cut out beforehand, for that would take longer than this.
        at: where its elements begin. At least two octets are there.
        end: where they end.
    """
    # Phones put the SSID first, and it is the one thing that changes from frame to frame.
    if data[at] != _SSID:
        return None
    return _remembered.get(hash(data[at + 2 + data[at + 1] : end]))


def of(elements: bytes) -> bytes | None:
    """The fingerprint, or None if there is no element or one claims more than there is.

    Args:
        elements: the body of a probe request, without its check sequence.
    """
    if len(elements) > 1 and (known := recall(elements, 0, len(elements))):
        return known
    found, read = _read(elements)
    if not 0 < read == len(elements):
        return None
    if found and elements[0] == _SSID:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[hash(elements[2 + elements[1] :])] = found
    return found


def of_beginning(elements: bytes, missing: int) -> bytes:
    """As `of`, where the capture kept only the beginning, and not the `missing` octets.

    Of the rest, from the element that is not whole, its length alone counts. That tells
    models apart that begin alike, and does not hang on the network that was named. No
    fingerprint of a beginning equals that of a whole frame, or of another beginning.
    """
    found, read = _read(elements)
    if found == SAYS_NOTHING:
        return found
    rest = len(elements) - read + missing
    # What is left out of a kind would leave too little of a beginning.
    return 2 * digest(found + rest.to_bytes(8, "big"))


def _read(elements: bytes) -> tuple[bytes, int]:
    """The fingerprint of all whole elements, and where they end."""
    shown, of_kind = bytearray(), bytearray()
    says_something = False
    at, end = 0, len(elements)
    while at + 1 < end:
        after = at + 2 + elements[at + 1]
        if after > end:
            break
        element = _shown(elements[at:after])
        shown += element
        of_kind += _of_kind(element)
        says_something = says_something or elements[at] not in _BLANKED
        at = after
    return digest(of_kind) + digest(shown) if says_something else SAYS_NOTHING, at


def _shown(element: bytes) -> bytes:
    tag = element[0]
    if tag in _BLANKED:
        return bytes((tag, 0))
    if tag == _VENDOR and element.startswith(_WPS, 2):
        return bytes((tag, len(_WPS))) + _WPS
    if tag == _EXTENSION and element[2:3] in _BLANKED_EXTENSIONS:
        return bytes((tag, 1)) + element[2:3]
    return element


def _of_kind(element: bytes) -> bytes:
    """What of an element, as shown, is the same in all frames of a phone."""
    tag, content = element[0], element[2:]
    if tag == _DS_PARAMETER or (tag == _VENDOR and content.startswith(_LEFTOVERS)):
        return b""
    if tag == _HT_CAPABILITIES:
        return element[:2] + _without(content, _HT_VARIES)
    if tag == _EXTENDED_CAPABILITIES:
        # As many octets as say something; those behind are zero, or of 6 GHz.
        return element[:1] + _without(content.ljust(len(_EXTENDED_VARIES), b"\0"), _EXTENDED_VARIES)
    return element


def _without(content: bytes, varies: bytes) -> bytes:
    """The first octets, less the bits that vary."""
    return bytes(octet & ~bits for octet, bits in zip(content, varies, strict=False))

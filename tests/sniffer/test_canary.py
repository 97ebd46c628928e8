"""Sends an address and the name of a network through the sensor, and looks for them after."""

import base64
import gc
import logging

import pytest
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, Dot11ProbeReq, RadioTap
from scapy.utils import PcapWriter

from core import log
from core.mac import Mac
from sniffer.replay import replay
from sniffer.sensor import Sensor

ADDRESS = bytes.fromhex("3c2ef9a41b07")
NETWORK = b"Canary-Home-7Q"
DEVICE = b"Canary-Phone-3X"
EVERYBODY = "ff:ff:ff:ff:ff:ff"


def probe_request(sender):
    wps = b"\x00\x50\xf2\x04\x10\x11\x00" + bytes((len(DEVICE),)) + DEVICE
    return (
        Dot11(type=0, subtype=4, addr1=EVERYBODY, addr2=sender, addr3=EVERYBODY)
        / Dot11ProbeReq()
        / Dot11Elt(ID=0, info=NETWORK)
        / Dot11Elt(ID=1, info=b"\x02\x04\x0b\x16")
        / Dot11Elt(ID=84, info=bytes((0, len(NETWORK))) + NETWORK)
        / Dot11Elt(ID=221, info=wps)
    )


def spellings(octets):
    """How these octets might be written down."""
    pairs = octets.hex("-").split("-")
    yield octets
    for joined in ("", ":", "-"):
        yield joined.join(pairs).encode()
        yield joined.join(pairs).upper().encode()
    for written in (octets, octets.hex(":").encode()):
        for before, spoilt in ((0, 0), (1, 2), (2, 3)):
            # Base64 of a longer text around it: characters at the ends mix with that.
            whole = (before + len(written)) * 8 // 6
            yield base64.b64encode(bytes(before) + written)[spoilt:whole]


@pytest.fixture
def capture(tmp_path):
    header = RadioTap(present="dBm_AntSignal", dBm_AntSignal=-60)
    sender = ADDRESS.hex(":")
    beacon = Dot11(type=0, subtype=8, addr1=EVERYBODY, addr2=sender, addr3=sender)
    whole = probe_request(sender)
    frames = [
        header / whole,
        header / whole,
        RadioTap(bytes(header / whole)[:-3]),
        RadioTap(present="Flags", Flags=0x40) / whole,
        header / beacon / Dot11Beacon() / Dot11Elt(ID=0, info=NETWORK),
    ]
    path = tmp_path / "capture.pcap"
    with PcapWriter(str(path), linktype=127) as file:
        for number, frame in enumerate(frames):
            frame.time = 1_778_900_000 + 2 * number
            file.write(frame)
    return path


@pytest.fixture
def lines(capsys, capture, settings, now):
    """All that the sensor logs on these frames, and on a fault with one at hand."""
    before, logging.root.handlers[:] = logging.root.handlers[:], []
    log.configure("debug")
    frames = replay(capture, speed=None, first_frame_at=None, now=lambda: now, sleep=lambda _: None)
    counts = Sensor(settings).run([*frames, None], lambda: False)
    logging.root.handlers[:] = before
    assert counts["probe_requests"] == 2
    assert counts["rejected.bad_element"] == counts["rejected.bad_fcs"] == 1
    return capsys.readouterr().err.encode()


@pytest.mark.parametrize("secret", [ADDRESS, NETWORK, DEVICE], ids=["address", "network", "device"])
def test_nothing_of_a_phone_is_on_disk_or_in_the_log(lines, settings, secret):
    written = {file: file.read_bytes() for file in settings.data_dir.rglob("*") if file.is_file()}
    assert written

    for spelling in spellings(secret):
        assert spelling not in lines
        assert [file for file, content in written.items() if spelling in content] == []


def test_the_search_would_find_them(capture):
    content = capture.read_bytes()

    for secret in (ADDRESS, NETWORK, DEVICE):
        assert any(spelling in content for spelling in spellings(secret))
        assert all(
            any(spelling in written for spelling in spellings(secret))
            for written in (
                base64.b64encode(b"x" + secret + b"yz"),
                f"heard {secret.hex(':')}".encode(),
                secret.hex().upper().encode(),
            )
        )


def test_no_address_outlives_its_frame(lines):
    left = [each for each in gc.get_objects() if isinstance(each, Mac) and each.octets == ADDRESS]

    assert left == []

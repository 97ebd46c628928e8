"""Sends an address and the name of a network through the sensor, and looks for them after."""

import base64
import gc
import logging
import sys
import types

import pytest

from core import log
from core.mac import Mac
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, Frame, ProbeRequest
from sniffer.source import Tick
from tests.conftest import NOON
from tests.sniffer import canary

NOON_US = int(NOON.timestamp()) * 1_000_000


def played():
    for number, data in enumerate(canary.FRAMES):
        yield Frame(NOON_US + number * 2_000_000, LINK_RADIOTAP, data)
        yield Tick()


class Spiteful(bytes):
    """Octets on which the decoder fails, with an error that repeats them."""

    def __getitem__(self, _at):
        raise ValueError(bytes(self), canary.ADDRESS.hex(":"))


@pytest.fixture
def lines(capsys, settings):
    """All that the sensor logs on these frames, and on a fault with one at hand."""
    before, logging.root.handlers[:] = logging.root.handlers[:], []
    log.configure("debug")
    spoilt = Frame(NOON_US, LINK_RADIOTAP, Spiteful(canary.FRAMES[0]))
    counts = of_box(settings).run([*played(), spoilt], lambda: False)
    logging.root.handlers[:] = before
    assert counts["probe_requests"] == canary.HEARD
    assert sum(counts[f"rejected.{why}"] for why in ("bad_element", "bad_fcs", "bad_address")) == 3
    assert counts["rejected.failed"] == 1
    return "".join(capsys.readouterr()).encode()


def test_nothing_of_a_phone_is_on_disk_or_in_the_log(lines, settings):
    assert b"a frame made the sensor fail" in lines
    assert canary.found_in(lines) == []
    assert canary.found_under(settings.data_dir) == {}


def test_the_search_would_find_them():
    content = b"".join(canary.FRAMES)
    assert {secret for secret, _ in canary.found_in(content)} == set(canary.SECRETS)

    for secret in canary.SECRETS:
        for written in (
            base64.b64encode(b"x" + secret + b"yz"),
            base64.urlsafe_b64encode(secret),
            f"heard {secret.hex(':')}".encode(),
            f"heard {secret.hex('-').upper()}".encode(),
            f"heard {secret[::-1].hex(':')}".encode(),
            f"heard {int.from_bytes(secret)}".encode(),
            secret[::-1],
        ):
            assert secret in {each for each, _ in canary.found_in(written)}


def test_no_object_outlives_its_frame_that_names_a_phone(settings, lines):
    sensor = of_box(settings)
    left = []

    def source():
        yield from played()
        gc.collect()
        left.extend(kept(sensor))

    sensor.run(source(), lambda: False)

    assert left == []


def kept(sensor):
    """What can be reached from the sensor and its modules, and tells of a phone in the open."""
    modules = [vars(each) for name, each in sys.modules.items() if name.startswith("sniffer.")]
    seen, waiting = set(), [sensor, *modules]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (type, types.ModuleType, types.FunctionType)):
            continue
        seen.add(id(each))
        if isinstance(each, (Mac, ProbeRequest, Frame)):
            yield each
        elif isinstance(each, (bytes, bytearray, str)):
            raw = each.encode() if isinstance(each, str) else bytes(each)
            if canary.found_in(raw):
                yield each
        else:
            waiting += gc.get_referents(each)


def test_the_walk_would_find_them(settings):
    sensor = of_box(settings)
    sensor.kept = [Mac(canary.ADDRESS), {"name": (canary.NETWORK,)}]

    assert len(list(kept(sensor))) == 2

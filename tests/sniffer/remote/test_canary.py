"""Canaries fly past a sensor that sends to its store's box; then both are searched."""

from sniffer.frames import LINK_RADIOTAP, Frame
from tests.sniffer import canary
from tests.sniffer.remote.conftest import frame, now_us


def test_nothing_of_a_phone_reaches_the_box_and_no_key_a_disk(place, capfd):
    box = place.box()
    corner = place.joined(box)
    handed = corner.key().key
    # One a second: else they were the same frame heard again.
    flown = [
        Frame(now_us() - number * 2_000_000, LINK_RADIOTAP, data)
        for number, data in enumerate(canary.FRAMES)
    ]

    counts = corner.hear(*flown, frame(1))
    heard = box.wait_for_sightings(canary.HEARD + 1)

    assert counts["probe_requests"] == canary.HEARD + 1
    said = repr([list(sighting) for sighting in heard]) + repr(box.batches) + repr(box.counts)
    assert canary.found_in(said.encode() + "".join(capfd.readouterr()).encode()) == []
    assert canary.found_under(place.folder) == {}
    for path in place.folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert handed not in content
        assert handed.hex().encode() not in content

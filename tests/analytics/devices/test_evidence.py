import numpy as np
import pytest

from analytics.devices import evidence
from analytics.devices.evidence import Sightings

SIZES = np.array([1.0, 2.0])
GROUP, OTHER = 4, 7


def measured(rows, *, settled=False):
    """Of rows of (seconds, address, look), all of one group; another one is settled."""
    rows = [*((*row, GROUP, settled) for row in rows), (0.0, 99, 99, OTHER, True)]
    at_s, address, look, group, flags = (np.array(column) for column in zip(*rows, strict=True))
    nothing = np.full(len(rows), np.nan)
    channel = np.zeros(len(rows), np.int64)
    return evidence.measure(
        Sightings(at_s.astype(float), address, look, nothing, channel, group, flags), SIZES
    )


def test_addresses_of_one_scan_are_one_scan():
    found = measured(
        [(60 * scan + part, 10 * scan + part, 1) for scan in range(20) for part in range(3)]
    )

    assert found.scans[0] == pytest.approx(20, rel=0.1)
    assert found.minutes[0] == pytest.approx(19, abs=0.1)


def test_an_address_that_is_held_is_no_scan_more():
    assert measured([(60.0 * scan, 5, 1) for scan in range(20)]).scans[0] == 1


def test_bursts_that_overlap_are_counted_beside_what_chance_would_give():
    one_after_the_other = [(10 * nth + at, nth, 1) for nth in range(50) for at in (0.0, 2.0)]
    two_at_once = [
        *one_after_the_other,
        *((at + 1, nth + 50, 1) for at, nth, _ in one_after_the_other),
    ]

    assert measured(one_after_the_other).overlaps[0] == 0
    assert measured(two_at_once).overlaps[0] > 40
    assert measured(two_at_once).expected_overlaps[0] > 10


def test_looks_that_share_an_address_are_one():
    assert measured([(0.0, 1, 1), (1.0, 1, 2), (60.0, 2, 2)]).looks[0] == 1
    assert measured([(0.0, 1, 1), (60.0, 2, 2)]).looks[0] == 2


def test_of_settled_addresses_nothing_is_asked():
    found = measured([(60.0 * scan, 5, 1) for scan in range(20)], settled=True)

    assert not len(found.scans)
    assert found.of_signals.shape[0] == 0

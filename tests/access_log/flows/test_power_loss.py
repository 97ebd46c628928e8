"""What was said to be on the disk is there after a power cut, or with a full disk: on real ones."""

import os

import pytest

from access_log.flows import chain, files
from access_log.flows.blocks import Keys
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from tests.access_log.flows.test_journal import HOUR, some
from tests.disk import Disk

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot mount a disk")

KEYS = Keys([bytes(32)])
AMPLE = Bounds(190, 1 << 30)


def test_every_block_that_was_written_is_there_after_a_power_cut(tmp_path, now):
    with Disk(tmp_path / "disk", 16) as disk:
        folder = disk.place / "flows"
        with Journal(folder, KEYS, AMPLE, now) as journal:
            for number in range(3):
                journal.append(some(now), 0, now + number * HOUR)
            known = files.head(folder)
            after = disk.as_after_a_power_cut(tmp_path / "after")
    with after:
        again = after.place / "flows"
        assert files.head(again) == known
        with Journal(again, KEYS, AMPLE, now) as journal:
            journal.append(some(now), 0, now)
        verdict = chain.verify(again, KEYS, dict([known]))
        assert (verdict.faults, verdict.rows) == ([], 12)


def test_a_full_disk_keeps_what_is_whole_and_goes_on_when_there_is_room(tmp_path, now):
    with Disk(tmp_path / "disk", 16) as disk:
        folder = disk.place / "flows"
        with Journal(folder, KEYS, AMPLE, now) as journal:
            journal.append(some(now), 0, now)
            filler = disk.place / "filler"
            with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
            with pytest.raises(OSError, match="No space"):
                for _ in range(50):
                    journal.append(some(now, 1000), 0, now)
            kept = chain.verify(folder, KEYS)
            assert kept.is_whole
            filler.unlink()
            journal.append(some(now), 0, now)
        verdict = chain.verify(folder, KEYS)
    assert (verdict.faults, verdict.rows) == ([], kept.rows + 3)

"""What is done to files shows without the key that they are sealed with."""

import datetime as dt

import pytest

from access_log.flows import blocks, files, links
from access_log.flows.blocks import Keys
from access_log.flows.bounds import Bounds
from access_log.flows.journal import Journal
from access_log.flows.links import Known
from tests.connections import rows_of, told

HOUR = dt.timedelta(hours=1)
KEYS = Keys([bytes(32)])


@pytest.fixture
def folder(tmp_path, now):
    """Three files: of each hour one, of four blocks."""
    for hour in range(3):
        at = now + hour * HOUR
        with Journal(tmp_path, KEYS, Bounds(190, 1 << 30), at) as journal:
            journal.append(rows_of(told())[0].tobytes(), 0, at)
            journal.append(rows_of(told())[0].tobytes(), 0, at)
            journal.end(at)
    return tmp_path


def paths(folder):
    return [each.path for each in files.listed(folder)]


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def second_block(path):
    return list(files.headers(path))[1].at


def test_what_was_written_follows_to_the_last_block(folder):
    verdict = links.verify(folder, Known(*files.head(folder)))

    assert verdict.fault == ""
    assert (verdict.count, verdict.number) == (12, 12)
    assert (verdict.number, verdict.hash) == files.head(folder)


def test_nothing_at_all_is_no_fault(tmp_path):
    assert links.verify(tmp_path).fault == ""
    assert links.verify(tmp_path / "none").count == 0


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(
            lambda found: flip(found[0], second_block(found[0]) + blocks.HEADER_BYTES),
            "block 3 does not follow block 2",
            id="changed",
        ),
        pytest.param(
            lambda found: found[1].unlink(), "block 9 does not follow block 4", id="file-gone"
        ),
        pytest.param(
            lambda found: found[1].write_bytes(found[1].read_bytes()[:-1]),
            "no block where one should begin",
            id="cut",
        ),
        pytest.param(
            lambda found: found[1].write_bytes(found[0].read_bytes()),
            "block 1 does not follow block 4",
            id="put-in",
        ),
    ],
)
def test_whatever_is_done_to_older_blocks_shows(folder, harm, said):
    harm(paths(folder))

    assert said in links.verify(folder).fault


def test_an_end_that_was_written_anew_shows_to_who_has_seen_it(folder, now):
    known = Known(*files.head(folder))
    paths(folder)[-1].unlink()
    assert links.verify(folder).fault == ""
    assert links.verify(folder, known).fault == "blocks 9 to 12 are gone"

    at = now + 2 * HOUR
    with Journal(folder, KEYS, Bounds(190, 1 << 30), at) as journal:
        for _ in range(4):
            journal.append(rows_of(told(port=1))[0].tobytes(), 0, at)
    assert links.verify(folder, known).fault == "block 12 is not the one that was seen before"


def test_the_newest_files_are_looked_at_as_far_as_a_night_allows(folder):
    first, second, third = paths(folder)
    flip(first, second_block(first))
    most = second.stat().st_size + third.stat().st_size

    assert (links.verify(folder, most_bytes=most).count) == 8
    assert links.verify(folder, most_bytes=most).fault == ""


def test_a_block_that_is_on_its_way_to_the_disk_is_no_fault(folder):
    last = paths(folder)[-1]
    last.write_bytes(last.read_bytes()[:-1])

    assert links.verify(folder).fault == ""


def test_days_that_have_ended_are_no_fault(folder):
    known = Known(*files.head(folder))
    paths(folder)[0].unlink()

    assert links.verify(folder, known).fault == ""

import datetime as dt
import errno
import itertools
import os
import tempfile
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from access_log.flows import blocks, chain, files, table
from access_log.flows.blocks import Keys, KeyUnknownError
from access_log.flows.bounds import Bounds
from access_log.flows.journal import DROPPED, Journal, JournalError
from tests import log_lines
from tests.conftest import NOON

KEYS = Keys([bytes(32)])
AMPLE = Bounds(190, 1 << 30)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def some(now, count=3):
    rows = table.empty(count)
    rows["event"] = 1
    rows["at"] = int(now.timestamp() * 1000) + np.arange(count)
    rows["source_port"] = np.arange(count)
    rows["phone"] = np.frombuffer(os.urandom(6 * count), np.uint8).reshape(count, 6)
    return rows.tobytes()


def write(folder, now, *, appended=1, count=3, limits=AMPLE):
    with Journal(folder, KEYS, limits, now) as journal:
        for _ in range(appended):
            journal.append(some(now, count), 0, now)
        journal.end(now)


def the_file(folder):
    (path,) = folder.glob("*.flows")
    return path


def places(path):
    return [found.at for found in files.headers(path)]


def test_what_is_appended_is_there_again(tmp_path, now):
    rows = some(now)
    with Journal(tmp_path, KEYS, AMPLE, now) as journal:
        journal.append(rows, 5, now)

    [hour_file] = files.listed(tmp_path)
    found = list(files.headers(hour_file.path))[1]
    read = chain.rows_of(hour_file, found, KEYS)
    assert np.sort(read, order="at").tobytes() == rows
    assert (found.header.rows, found.header.lost) == (3, 5)
    assert chain.verify(tmp_path, KEYS).lost == 5


def test_no_octet_of_a_phone_is_on_the_disk_in_plain(tmp_path, now):
    rows = some(now)
    with Journal(tmp_path, KEYS, AMPLE, now) as journal:
        journal.append(rows, 0, now)
    written = the_file(tmp_path).read_bytes()

    assert not any(phone.tobytes() in written for phone in np.frombuffer(rows, table.ROW)["phone"])
    with pytest.raises(KeyUnknownError):
        Keys([bytes([1]) * 32]).open(blocks.read_header(written), b"")


def test_a_key_that_was_replaced_still_opens_what_it_sealed(tmp_path, now):
    write(tmp_path, now)
    both = Keys([bytes(32), bytes([1]) * 32])
    with Journal(tmp_path, both, AMPLE, now) as journal:
        journal.append(some(now), 0, now)

    assert chain.verify(tmp_path, both).is_whole
    assert not chain.verify(tmp_path, KEYS).is_whole


def test_the_chain_goes_on_over_files_and_starts(tmp_path, now):
    for number in range(3):
        write(tmp_path, now + number * HOUR)

    assert len(files.listed(tmp_path)) == 3
    verdict = chain.verify(tmp_path, KEYS)
    assert (verdict.is_whole, verdict.first, verdict.last, verdict.rows) == (True, 1, 9, 9)
    assert files.head(tmp_path) == (verdict.last, verdict.head)


def test_a_clock_that_is_set_back_changes_no_order(tmp_path, now):
    for each in (now, now - 400 * DAY, now + HOUR):
        write(tmp_path, each)

    assert [each.hour.year for each in files.listed(tmp_path)] == [2026, 2025, 2026]
    assert chain.verify(tmp_path, KEYS).is_whole


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.99], ids=str)
def test_what_a_power_cut_left_half_is_put_aside_and_said(tmp_path, now, share):
    write(tmp_path, now, appended=2)
    path = the_file(tmp_path)
    *_, last = files.headers(path)
    cut = last.at + max(1, int((last.end - last.at) * share))
    os.truncate(path, cut)

    assert chain.verify(tmp_path, KEYS).faults != []
    with log_lines.written() as lines:
        write(tmp_path, now)
    assert "torn" in lines()[0]["event"]
    assert len(path.with_suffix(".torn").read_bytes()) == cut - last.at
    verdict = chain.verify(tmp_path, KEYS)
    assert (verdict.is_whole, verdict.rows) == (True, 9)
    assert {"event": "torn", "octets": cut - last.at} in verdict.notes


@hypothesis.given(st.integers(1, 2000), st.integers(0, 2000))
def test_wherever_the_end_is_lost_the_log_goes_on_from_there(cut, zeros):
    """Some file systems have given a file its length, and zeros for its content."""
    with tempfile.TemporaryDirectory() as place, log_lines.written():
        folder = Path(place)
        write(folder, NOON, appended=3)
        path = the_file(folder)
        content = path.read_bytes()
        path.write_bytes(content[:-cut] + bytes(zeros))
        whole = [found for found in files.headers(path) if found.end <= len(content[:-cut])]
        write(folder, NOON)

        verdict = chain.verify(folder, KEYS)
        assert verdict.faults == []
        assert verdict.rows == 3 + sum(found.header.rows for found in whole)


def test_a_last_block_with_zeros_for_its_content_is_torn_as_well(tmp_path, now):
    with Journal(tmp_path, KEYS, AMPLE, now) as journal:
        journal.append(some(now), 0, now)
    path = the_file(tmp_path)
    *_, last = files.headers(path)
    with path.open("r+b") as file:
        file.seek(last.at + blocks.HEADER_BYTES)
        file.write(bytes(last.header.length))

    with log_lines.written():
        write(tmp_path, now)
    assert chain.verify(tmp_path, KEYS).is_whole


def test_a_cut_in_the_very_first_block_of_a_file_leaves_none_behind(tmp_path, now):
    write(tmp_path, now)
    half = tmp_path / f"00000002-{now + HOUR:%Y%m%dT%H}Z.flows"
    half.write_bytes(b"DFL1 and no more")
    with log_lines.written():
        write(tmp_path, now + HOUR)

    assert chain.verify(tmp_path, KEYS).is_whole


def flip(path):
    at = places(path)[2] + blocks.HEADER_BYTES + 5
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def leave_out(path):
    content, at = path.read_bytes(), places(path)
    path.write_bytes(content[: at[2]] + content[at[3] :])


def swap(path):
    content, at = path.read_bytes(), places(path)
    two, three = content[at[2] : at[3]], content[at[3] : at[4]]
    path.write_bytes(content[: at[2]] + three + two + content[at[4] :])


def behead(path):
    path.write_bytes(path.read_bytes()[places(path)[1] :])


def backdate(path):
    content, at = bytearray(path.read_bytes()), places(path)[2]
    content[at + 16] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("change", [flip, leave_out, swap, behead, backdate])
def test_whatever_is_changed_shows(tmp_path, now, change):
    write(tmp_path, now, appended=4)
    assert chain.verify(tmp_path, KEYS).is_whole
    change(the_file(tmp_path))

    assert chain.verify(tmp_path, KEYS).faults != []


def test_an_end_that_is_cut_off_shows_to_who_has_noted_a_hash(tmp_path, now):
    write(tmp_path, now, appended=2)
    number, digest = files.head(tmp_path)
    path = the_file(tmp_path)
    os.truncate(path, places(path)[-1])

    assert chain.verify(tmp_path, KEYS).is_whole
    [fault] = chain.verify(tmp_path, KEYS, {number: digest}).faults
    assert str(number) in fault
    write(tmp_path, now)
    assert "noted" in chain.verify(tmp_path, KEYS, {number: digest}).faults[0]


class Clock:
    """Hours since the start."""

    hours = 0.0

    def __call__(self):
        return self.hours * 3600


def run(folder, now, days, limits=AMPLE):
    """One process that writes once a day, with a clock of its own."""
    clock = Clock()
    with Journal(folder, KEYS, limits, now, monotonic=clock) as journal:
        for number in range(days):
            clock.hours += 24
            journal.append(some(now + number * DAY), 0, now + number * DAY)


def test_days_end_when_they_are_too_old_and_the_chain_says_so(tmp_path, now):
    with log_lines.written():
        run(tmp_path, now, 5, Bounds(2, AMPLE.bytes))

    assert [each.day.day for each in files.listed(tmp_path)] == [18, 19, 20]
    verdict = chain.verify(tmp_path, KEYS)
    assert verdict.is_whole
    assert {note["why"] for note in verdict.notes if note["event"] == "dropped"} == {"age"}


def test_a_clock_that_runs_years_ahead_ends_one_day_an_hour_at_the_most(tmp_path, now):
    run(tmp_path, now, 5)
    clock, wrong = Clock(), now + 3650 * DAY
    with log_lines.written(), Journal(tmp_path, KEYS, AMPLE, wrong, monotonic=clock) as journal:
        journal.append(some(wrong), 0, wrong)
        assert len(files.listed(tmp_path)) == 6
        clock.hours += 1.5
        for _ in range(3):
            journal.append(some(wrong), 0, wrong)
    assert [each.day.day for each in files.listed(tmp_path)][:4] == [17, 18, 19, 20]


def test_a_file_from_the_future_ends_with_those_around_it(tmp_path, now):
    write(tmp_path, now + 3650 * DAY)
    with log_lines.written():
        run(tmp_path, now, 5, Bounds(2, AMPLE.bytes))

    assert [each.day.day for each in files.listed(tmp_path)] == [18, 19, 20]
    assert chain.verify(tmp_path, KEYS).is_whole


def test_files_that_somebody_else_took_away_are_missed(tmp_path, now):
    for number in range(3):
        write(tmp_path, now + number * DAY)
    files.listed(tmp_path)[0].path.unlink()

    [fault] = chain.verify(tmp_path, KEYS).faults
    assert "nothing says why" in fault


def test_the_oldest_day_ends_where_there_is_no_room_and_that_is_said(tmp_path, now):
    limits = Bounds(190, 40_000)
    with log_lines.written() as lines:
        for number in range(6):
            write(tmp_path, now + number * DAY, count=1000, limits=limits)

    kept = files.listed(tmp_path)
    assert sum(each.size for each in kept) <= limits.bytes
    assert kept[-1].day == (now + 5 * DAY).date()
    assert {line["why"] for line in lines()} == {"room"}
    # For `doorman doctor`, until those days would be over in any case.
    mark = tmp_path / DROPPED
    assert mark.read_text() == str(kept[0].day - DAY)
    for days in (190, 200):
        assert mark.exists()
        later = now + days * DAY
        ticks = itertools.count(step=4000)
        with Journal(tmp_path, KEYS, limits, later, monotonic=ticks.__next__) as journal:
            journal.tidy(later)
    assert not mark.exists()
    assert chain.verify(tmp_path, KEYS).is_whole


def test_how_far_the_room_goes_is_known_before_it_is_used_up(tmp_path, now):
    limits = Bounds(190, 1 << 20)
    with Journal(tmp_path, KEYS, limits, now) as journal:
        for number in range(4):
            assert journal.days_of_room is None or number == 3
            journal.append(some(now, 1000), 0, now + number * DAY)
        days = journal.days_of_room

    whole = [each.size for each in files.listed(tmp_path)[1:3]]
    assert days == pytest.approx(limits.bytes / (sum(whole) / 2))


def test_only_one_writes(tmp_path, now):
    is_alone = pytest.raises(JournalError, match="another")
    with Journal(tmp_path, KEYS, AMPLE, now), is_alone:
        Journal(tmp_path, KEYS, AMPLE, now)
    write(tmp_path, now)


def test_a_block_that_finds_no_room_leaves_nothing_half(tmp_path, now, monkeypatch):
    whole = os.pwrite
    with Journal(tmp_path, KEYS, AMPLE, now) as journal:
        before = the_file(tmp_path).read_bytes()
        monkeypatch.setattr(os, "pwrite", lambda handle, data, at: whole(handle, data[:50], at))
        with pytest.raises(OSError) as caught:
            journal.append(some(now), 0, now)
        assert caught.value.errno == errno.ENOSPC
        assert the_file(tmp_path).read_bytes() == before

        monkeypatch.setattr(os, "pwrite", whole)
        journal.append(some(now), 0, now)
    assert chain.verify(tmp_path, KEYS).is_whole

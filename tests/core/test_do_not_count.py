import json
import os
import stat

import pytest

from core import do_not_count
from core.do_not_count import DoNotCountKey, DoNotCountList

ALICE = bytes.fromhex("da2ef9a41b07")
BOB = bytes.fromhex("da2ef9a41b08")
KEY = DoNotCountKey(bytes(range(32)))


def test_covers_whom_it_lists_and_nobody_else():
    listed = DoNotCountList(KEY, [KEY.entry(ALICE)])

    assert listed.covers(ALICE)
    assert not listed.covers(BOB)
    assert not DoNotCountList(KEY, []).covers(ALICE)


def test_two_stores_know_a_phone_by_different_entries():
    one, other = (DoNotCountKey.of_store(bytes([store] * 32)) for store in (1, 2))

    assert one.entry(ALICE) != other.entry(ALICE)
    assert not DoNotCountList(other, [one.entry(ALICE)]).covers(ALICE)


def test_its_key_is_not_that_of_blind_indexes():
    lookup_key = bytes([1] * 32)

    assert lookup_key.hex() not in DoNotCountList(DoNotCountKey.of_store(lookup_key), []).to_text()


def test_the_list_has_no_more_of_a_phone_than_24_bits():
    text = DoNotCountList(KEY, [KEY.entry(ALICE)]).to_text()

    assert [len(mark) for mark in json.loads(text)["marks"]] == [6]


def test_is_the_same_after_writing_and_reading(tmp_path):
    do_not_count.write(tmp_path, DoNotCountList(KEY, [KEY.entry(ALICE)]))

    path = do_not_count.path_of(tmp_path)
    read = DoNotCountList.of_text(path.read_text())
    assert (read.covers(ALICE), read.covers(BOB), len(read)) == (True, False, 1)
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_the_sensor_of_the_same_group_reads_it_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        do_not_count.write(tmp_path, DoNotCountList(KEY, []))
    finally:
        os.umask(before)

    assert stat.S_IMODE(do_not_count.path_of(tmp_path).stat().st_mode) == 0o640


def test_is_not_written_again_while_it_is_the_same(tmp_path):
    do_not_count.write(tmp_path, DoNotCountList(KEY, [KEY.entry(ALICE), KEY.entry(BOB)]))
    before = do_not_count.path_of(tmp_path).stat().st_ino
    do_not_count.write(tmp_path, DoNotCountList(KEY, [KEY.entry(BOB), KEY.entry(ALICE)]))

    assert do_not_count.path_of(tmp_path).stat().st_ino == before


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"key": 1}', '{"key": "00", "marks": []}', '{"key": null, "marks": 1}'],
)
def test_reads_nothing_into_what_is_no_list(text):
    with pytest.raises(ValueError, match=r"."):
        DoNotCountList.of_text(text)


def test_shows_nothing_when_printed():
    assert repr(KEY) == "DoNotCountKey(hidden)"
    assert repr(DoNotCountList(KEY, [KEY.entry(ALICE)])) == "DoNotCountList(hidden)"

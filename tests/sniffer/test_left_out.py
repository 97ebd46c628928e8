import pytest

from core import do_not_count
from core.do_not_count import DoNotCountKey, DoNotCountList
from sniffer.left_out import LeftOut

ALICE = bytes.fromhex("da2ef9a41b07")
BOB = bytes.fromhex("da2ef9a41b08")
KEY = DoNotCountKey(bytes(32))


def listing(*phones):
    return DoNotCountList(KEY, [KEY.entry(phone) for phone in phones])


@pytest.fixture
def left_out(tmp_path):
    return LeftOut(tmp_path)


def test_is_nobody_without_a_list(left_out, caplog):
    left_out.refresh()

    assert not left_out.covers(ALICE)
    assert caplog.records == []


def test_follows_the_list(left_out, tmp_path):
    covered = []
    for listed in ([ALICE], [ALICE, BOB], []):
        do_not_count.write(tmp_path, listing(*listed))
        left_out.refresh()
        covered.append([phone for phone in (ALICE, BOB) if left_out.covers(phone)])
    do_not_count.write(tmp_path, listing(BOB))
    left_out.refresh()
    do_not_count.path_of(tmp_path).unlink()
    left_out.refresh()

    assert covered == [[ALICE], [ALICE, BOB], []]
    assert not left_out.covers(BOB)


def test_a_list_that_is_spoilt_is_told_of_once_and_the_one_before_holds(left_out, tmp_path, caplog):
    do_not_count.write(tmp_path, listing(ALICE))
    left_out.refresh()
    do_not_count.path_of(tmp_path).write_text("{")
    for _ in range(3):
        left_out.refresh()

    assert left_out.covers(ALICE)
    assert [record.message for record in caplog.records] == ["do-not-count list unreadable"]

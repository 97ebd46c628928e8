import collections

import pytest

from core.sightings import Sighting
from sniffer.remote.loan import Loan
from sniffer.remote.shape import Keys
from sniffer.remote.spool import Spool
from tests.sniffer.remote.store_keys import HOUR_US, MINUTE_US, HourKeys

NOON_US = 495_000 * HOUR_US


def hand_out(loan, *moments_us, seed=0):
    keys = [HourKeys(seed).of(at_us) for at_us in moments_us]
    loan.take(Keys(0, 0, 24, keys, None))


@pytest.fixture
def loan():
    loan = Loan()
    hand_out(loan, NOON_US, NOON_US + HOUR_US)
    return loan


class Clock:
    us = NOON_US

    def __call__(self):
        return self.us


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def spool(loan, clock):
    return Spool(loan, now_us=clock, most_rows=1000)


def add(spool, count, at_us=NOON_US, first=0):
    for number in range(first, first + count):
        spool.add(Sighting(at_us, number, 0, True, None, None, "corner"), number % 4096)
    spool.flush()


def drained(spool):
    batches = []
    while batch := spool.offer(0):
        batches.append(batch)
        spool.settle(batch)
    return batches


def test_what_is_added_is_offered_in_order_and_in_numbered_batches(spool):
    add(spool, 3)
    add(spool, 900, first=3)

    batches = drained(spool)

    assert [batch.number for batch in batches] == [1, 2]
    assert [row.address for batch in batches for row in batch.rows] == list(range(903))
    assert max(len(batch.rows) for batch in batches) <= 1000


def test_nothing_is_offered_before_it_is_flushed(spool):
    spool.add(Sighting(NOON_US, 1, 0, True, None, None, "corner"), 5)

    assert spool.offer(0) is None


def test_a_batch_stays_as_it_was_offered_until_it_is_settled(spool):
    add(spool, 2)
    spool.tally("frames", 5)
    first = spool.offer(0)
    add(spool, 2, first=2)
    spool.tally("frames", 7)

    assert spool.offer(0) is first
    assert len(first.rows) == 2
    assert first.counts == {"frames": 5}
    spool.settle(first)
    second = spool.offer(0)
    assert [row.address for row in second.rows] == [2, 3]
    assert second.counts == {"frames": 7}


def test_each_batch_is_under_one_key(spool):
    add(spool, 2)
    add(spool, 2, at_us=NOON_US + HOUR_US)
    add(spool, 1)

    batches = drained(spool)

    assert [(batch.key.from_us - NOON_US) // HOUR_US for batch in batches] == [0, 1, 0]


def test_without_a_key_nothing_is_kept(loan, spool):
    hand_out(loan)
    add(spool, 3)
    hand_out(loan, NOON_US)
    add(spool, 1)

    (batch,) = drained(spool)
    assert len(batch.rows) == 1
    assert batch.counts == {"lost.key_gone": 3}


def test_beyond_its_bound_the_oldest_are_given_up_and_counted(spool):
    for number in range(10):
        add(spool, 400, first=400 * number)

    batches = drained(spool)

    kept = [row.address for batch in batches for row in batch.rows]
    assert len(kept) <= 1000
    assert kept == list(range(4000 - len(kept), 4000))
    assert batches[0].counts == {"lost.no_room": 4000 - len(kept)}


def test_a_batch_that_may_be_on_its_way_is_not_given_up(spool):
    add(spool, 600)
    offered = spool.offer(0)
    for number in range(1, 5):
        add(spool, 600, first=600 * number)

    assert spool.offer(0) is offered
    spool.settle(offered)
    assert drained(spool)[-1].rows[-1].address == 2999


@pytest.mark.parametrize("is_offered", [False, True], ids=["waiting", "on its way"])
def test_what_the_box_would_find_too_late_is_not_kept_nor_is_its_key(
    loan, spool, clock, is_offered
):
    add(spool, 2)
    if is_offered:
        offered = spool.offer(0)
    add(spool, 1, at_us=NOON_US + HOUR_US)
    clock.us = NOON_US + HOUR_US + 20 * MINUTE_US
    spool.flush()
    if is_offered:
        spool.settle(offered)

    (batch,) = drained(spool)

    assert len(batch.rows) == 1
    assert batch.counts == {"lost.too_late": 2}
    assert loan.key_at(NOON_US) is None
    assert loan.key_at(clock.us) is not None


def test_what_is_refused_is_lost_but_not_what_was_counted_with_it(spool):
    add(spool, 2)
    spool.tally("frames", 5)
    spool.settle(spool.offer(0), lost="key_gone")

    batch = spool.offer_counts()

    assert batch.rows == []
    assert batch.counts == {"frames": 5, "lost.key_gone": 2}


def test_counts_go_alone_only_where_there_is_nothing_else(spool):
    assert spool.offer_counts() is None
    spool.tally("frames", 5)
    add(spool, 1)
    assert spool.offer_counts() is None

    assert sum((batch.counts for batch in drained(spool)), collections.Counter()) == {"frames": 5}


def test_more_counts_than_a_batch_takes_go_with_the_next(spool):
    for number in range(200):
        spool.tally(f"n{number}", number + 1)

    first = spool.offer_counts()
    spool.settle(first)
    second = spool.offer_counts()

    assert len(first.counts) == 150
    assert first.counts + second.counts == {f"n{number}": number + 1 for number in range(200)}


def test_what_was_heard_better_on_another_channel_is_sent_so(spool):
    weak = Sighting(NOON_US, 1, 0, True, -80, 2437, "corner")
    spool.add(weak, 5)
    spool.amend(weak._replace(signal_dbm=-50, frequency_mhz=2412))
    spool.flush()
    spool.amend(weak._replace(signal_dbm=-40))

    (batch,) = drained(spool)
    assert [(row.signal_dbm, row.frequency_mhz, row.sequence) for row in batch.rows] == [
        (-50, 2412, 5)
    ]


def test_each_start_of_a_sensor_has_another_run(loan):
    assert Spool(loan).run != Spool(loan).run


def test_for_how_long_it_hears_is_the_box_s_to_say(spool):
    spool.tally("hearing.1999999", 60)
    spool.tally("frames", 5)
    add(spool, 1)

    assert [dict(batch.counts) for batch in drained(spool)] == [{"frames": 5}]

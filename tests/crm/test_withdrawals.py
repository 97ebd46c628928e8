"""The CRM is asked in pages, from where it was left, and never for longer than a turn."""

import pytest

from core.models.every import metadata
from crm.records import Records
from crm.shape import TemporaryCrmError
from crm.withdrawals import Heeded, Page, Withdrawn, hear
from tests import tables


class Feed:
    """Pages by number; `down_at` fails once."""

    def __init__(self, pages, *, wraps=True, down_at=None):
        self.pages, self.wraps, self.down_at, self.asked = pages, wraps, down_at, []

    def page(self, after):
        self.asked.append(after)
        number = int(after or 0)
        if number == self.down_at:
            self.down_at = None
            raise TemporaryCrmError("http_503")
        is_last = number + 1 >= self.pages
        following = "" if is_last and self.wraps else str(number if is_last else number + 1)
        return Page([Withdrawn(f"member-{number}", None)], following, is_last)


@pytest.fixture
def records(in_memory, sealer, now):
    database = tables.sqlite(in_memory / "records.sqlite", metadata)
    yield Records(database, sealer, "hubspot:1", lambda: now)
    database.dispose()


@pytest.fixture
def heeded():
    return []


@pytest.fixture
def heed(heeded):
    def heed(row):
        heeded.append(row.member)
        return Heeded.KNOWN

    return heed


def test_every_page_is_heeded_and_the_next_turn_begins_anew(records, heed, heeded):
    feed = Feed(3)
    found = hear(feed, records, heed)

    assert found == {Heeded.KNOWN: 3}
    assert heeded == ["member-0", "member-1", "member-2"]
    hear(feed, records, heed)
    assert feed.asked == ["", "1", "2", "", "1", "2"]


def test_what_goes_on_for_ever_ends_with_the_turn_and_goes_on_with_the_next(records, heed):
    feed = Feed(10**9)
    hear(feed, records, heed)
    asked = len(feed.asked)
    hear(feed, records, heed)

    assert asked == 20
    assert feed.asked[asked] == str(asked)


def test_a_crm_that_fails_is_asked_again_from_where_it_failed(records, heed):
    feed = Feed(3, down_at=1)
    with pytest.raises(TemporaryCrmError):
        hear(feed, records, heed)
    hear(feed, records, heed)

    assert feed.asked == ["", "1", "1", "2"]


def test_a_feed_that_counts_on_is_asked_for_what_is_new(records, heed):
    feed = Feed(2, wraps=False)
    hear(feed, records, heed)
    hear(feed, records, heed)

    assert feed.asked == ["", "1", "1"]

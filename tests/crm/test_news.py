import pytest

from core import clock
from core.database import Database
from core.models.crm_record import CrmRecord
from crm import news
from crm.event import Event
from crm.records import MEMBER, Record, Records
from crm.shape import Outcome
from tests.crm.connectors import news_of

ALICE, BOB, CAROL = news_of.new_id(), news_of.new_id(), news_of.new_id()


@pytest.fixture
def records(tmp_path, sealer):
    database = Database(f"sqlite:///{tmp_path / 'memory.sqlite'}")
    CrmRecord.__table__.create(database.engine)
    yield Records(database, sealer, "test", clock.now)
    database.dispose()


def is_news(records, event):
    found = news.of([event], records)
    said = [*found.erased, *found.merged, *found.changed]
    assert [each.outcome for each in found.known.values()] == [Outcome.DUPLICATE] * (not said)
    return bool(said)


def test_a_batch_is_sorted_by_what_has_to_be_done(records):
    erased, merged = news_of.erased(ALICE), news_of.merged(BOB, 2, news_of.new_id())
    enrolled, visit = news_of.enrolled(news_of.new_id()), news_of.visit(news_of.new_id())

    found = news.of([enrolled, merged, visit, erased], records)

    assert (found.erased, found.merged, found.changed) == ([erased], [merged], [enrolled, visit])
    assert found.known == {}


@pytest.mark.parametrize(
    ("told", "later", "expected"),
    [
        pytest.param(news_of.updated(ALICE, 5), news_of.updated(ALICE, 6), True, id="newer"),
        pytest.param(news_of.updated(ALICE, 5), news_of.updated(ALICE, 5), False, id="the-same"),
        pytest.param(news_of.updated(ALICE, 5), news_of.enrolled(ALICE, 1), False, id="older"),
        pytest.param(
            news_of.updated(ALICE, 5), news_of.merged(ALICE, 4, BOB), True, id="refused-merger"
        ),
        pytest.param(
            news_of.updated(ALICE, 5), news_of.attribution(ALICE, 4), True, id="of-another-kind"
        ),
        pytest.param(
            news_of.coupon_used(ALICE, 5), news_of.coupon_issued(ALICE, 4), False, id="of-its-kind"
        ),
        pytest.param(news_of.updated(ALICE, 5), news_of.updated(BOB, 1), True, id="another-member"),
    ],
)
def test_only_what_is_newer_of_its_kind_is_news(records, told, later, expected):
    news.told(records, [told], {})

    assert is_news(records, later) is expected


def test_nothing_is_news_of_who_is_gone_but_that_they_are_erased(records):
    news.gone(records, news_of.merged(ALICE, 2, BOB), [BOB])

    assert not is_news(records, news_of.updated(BOB, 99))
    assert not is_news(records, news_of.visit(BOB, 99))
    assert is_news(records, news_of.erased(BOB, 1))


def test_a_merger_is_no_news_when_all_are_gone_whom_it_absorbs(records):
    merger = news_of.merged(ALICE, 2, BOB, CAROL)
    news.gone(records, merger, [BOB])
    assert is_news(records, merger)

    news.gone(records, merger, [CAROL])
    assert not is_news(records, merger)


def test_an_event_from_before_versions_is_older_than_any_that_has_one(records):
    visit = news_of.visit(ALICE, 5)
    data = {name: value for name, value in visit.data.items() if name != "version"}
    about = {name: getattr(visit, name) for name in ("type", "source", "subject", "time")}
    old = Event.telling(data, id=visit.id, **about)

    news.told(records, [old], {})
    assert is_news(records, old)
    news.told(records, [visit], {})
    assert not is_news(records, old)


def test_what_the_crm_calls_a_member_is_known_again(records):
    event = news_of.enrolled(ALICE)
    news.told(records, [event], {event.id: "remote-7"})
    # Later news that does not say it leaves it.
    news.told(records, [news_of.updated(ALICE, 2)], {})

    found = news.of([news_of.updated(ALICE, 3)], records)
    assert found.remote_id(ALICE) == "remote-7"
    assert found.remote_id(BOB) == ""
    assert records.find(MEMBER, [ALICE]) == {ALICE: Record(ALICE, "remote-7", 2)}

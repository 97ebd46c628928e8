import datetime as dt

import pytest

from analytics.logins import enrolment_report
from core.models.attribution import Source, SourceKind
from core.models.portal_day import EnrolmentDay, PortalDay
from tests.analytics.portal_shop import row

MAY = dt.date(2026, 5, 1)
DAY = dt.timedelta(days=1)
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def enrol(database):
    """Counts of one day: all, and by source."""

    def put(day, members, **by_source):
        with database.writing() as session:
            counted = row(day, (0,) * 6)
            counted.enrolled = members
            session.add(counted)
            session.add_all(
                EnrolmentDay(day=day, source_id=int(name[1:]), members=count)
                for name, count in by_source.items()
            )

    return put


@pytest.fixture
def sources(database):
    def put(*names, ended_at=None):
        with database.writing() as session:
            for name in names:
                session.add(
                    Source(
                        kind=SourceKind.GUIDE,
                        name=name,
                        code=name,
                        created_at=LONG_AGO,
                        ended_at=ended_at,
                    )
                )

    return put


def test_a_month_by_source_and_by_day(database, settings, sources, enrol):
    sources("Alice", "Bob", "Charlie")
    enrol(MAY - DAY, 50, s1=50)
    enrol(MAY, 20, s1=6, s2=9)
    enrol(MAY + 30 * DAY, 12, s1=5, s2=2)
    enrol(MAY + 31 * DAY, 50, s2=50)

    found = enrolment_report.find(database, settings, MAY + 9 * DAY)

    assert (found.month, found.members) == (MAY, 32)
    assert [(each.day.day, each.members) for each in found.by_day] == [(1, 20), (31, 12)]
    # Charlie's none and nobody's ten: shown, the ten would tell of the none.
    names = {line.source.name: line.members for line in found.by_source}
    assert names == {"Alice": 11, "Bob": 11, "Charlie": None}
    assert found.nobodys is None


def test_no_guide_s_few_members_come_back_by_arithmetic(database, settings, sources, enrol):
    sources("Alice", "Bob")
    enrol(MAY, 40, s1=2, s2=30)

    found = enrolment_report.find(database, settings, MAY)

    assert found.members == 40
    assert [line.members for line in found.by_source] == [30, None]
    assert found.nobodys is None


def test_a_month_with_few_members_shows_none(database, settings, sources, enrol):
    sources("Alice")
    enrol(MAY, 3, s1=3)

    found = enrolment_report.find(database, settings, MAY)

    assert (found.members, found.by_source[0].members, found.by_day[0].members) == (None,) * 3


@pytest.mark.parametrize(
    ("ended_at", "listed"),
    [(LONG_AGO, False), (dt.datetime(2026, 5, 9, tzinfo=dt.UTC), True)],
)
def test_that_a_guide_is_listed_tells_not_whether_they_brought_anybody(  # noqa: PLR0917 - by name
    database, settings, sources, enrol, ended_at, listed
):
    sources("Alice", ended_at=ended_at)
    enrol(MAY, 0)

    assert bool(enrolment_report.find(database, settings, MAY).by_source) is listed


def test_a_month_that_was_not_counted_has_no_report(database, settings):
    assert enrolment_report.find(database, settings, MAY) is None
    with database.reading() as session:
        assert session.get(PortalDay, MAY) is None

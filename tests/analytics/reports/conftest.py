"""Five weeks of a shop, up to Friday 15 May: busiest on Saturdays; nobody counted on 6 May."""

import datetime as dt

import pytest

from analytics.reports import composition, contents, words
from analytics.reports.period import Period
from core.database import Database
from core.models.attribution import Source, SourceKind
from core.models.day_note import DayNote, NoteKind
from core.models.every import metadata
from core.models.portal_day import EnrolmentDay
from tests.analytics import portal_shop
from tests.analytics.traffic_days import day_row, hour_row

FIRST, LAST = dt.date(2026, 4, 11), dt.date(2026, 5, 15)
SILENT = dt.date(2026, 5, 6)
WEEK = Period(dt.date(2026, 5, 4), dt.date(2026, 5, 10))
# What a spreadsheet, a web page and a mail program would each take for something to run.
NASTY = '=HYPERLINK("http://x.example")'
NOTE = "<b>New window</b> & more"
# Visitors of an hour: the night nobody, at eleven too few to show.
NOON = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
HOURS = {9: 0, 10: 40, 11: 3, 12: 60, 13: 50}


def count_day(session, day, *, is_closed=True, visitors=None):
    came = visitors or (300 if day.weekday() == 5 else 200 + 5 * (day.toordinal() % 4))
    session.add(day_row(day, came, 4 * came, is_closed=is_closed))
    for hour, count in HOURS.items():
        start = dt.datetime.combine(day, dt.time(hour - 8), dt.UTC)
        session.add(hour_row(start, day, count, 4 * count))


def count_logins(session, day, *, is_closed=True):
    row = portal_shop.row(day, (90, 60, 40, 30, 20, 8), (12, 9, 7, 2, 3))
    row.enrolled = 12
    row.closed_at = row.updated_at if is_closed else None
    session.add(row)


@pytest.fixture(scope="session")
def weeks(tmp_path_factory):
    """To be read only."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('weeks') / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    now = dt.datetime.combine(FIRST, dt.time(), dt.UTC)
    with database.writing() as session:
        guide = Source(code="guide", kind=SourceKind.GUIDE, name=NASTY, created_at=now)
        session.add(guide)
        session.flush()
        for number in range((LAST - FIRST).days + 1):
            day = FIRST + dt.timedelta(days=number)
            if day != SILENT:
                count_day(session, day)
            count_logins(session, day)
            session.add(EnrolmentDay(day=day, source_id=guide.id, members=7))
        note = {"kind": NoteKind.WINDOW, "text": NOTE, "written_at": now}
        session.add(DayNote(first=WEEK.first, last=WEEK.first, **note))
    yield database
    database.dispose()


@pytest.fixture
def compose(weeks, settings):
    """Writes the report of a period: `compose(WEEK, "en")`."""

    def write(period, language="en", **options):
        found = contents.find(weeks, settings, period, NOON, **options)
        return composition.compose(found, words.load(settings, language))

    return write

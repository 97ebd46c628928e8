"""The pages of the history in a browser: nothing beside the window, nothing that axe-core minds."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.models.day_note import DayNote, NoteKind
from tests.analytics.portal_shop import row as portal_row
from tests.analytics.traffic_days import day_row, hour_row

pytestmark = pytest.mark.browser

DAY = dt.timedelta(days=1)


@pytest.fixture
def month(database, clock, today):
    """Four weeks and four before, with a note whose text would be markup if it could."""
    with database.writing() as session:
        for ago in range(1, 57):
            day = today - ago * DAY
            start = dt.datetime.combine(day, dt.time(4), dt.UTC)
            session.add(day_row(day, 12000 + 100 * (ago % 7)))
            session.add(hour_row(start, day, 900, 4000))
            session.add(portal_row(day, (2345, 1820, 1710, 660, 310, 3)))
        text = "<img src=x onerror=document.title='owned'>" + "verylongword" * 8
        first = today - 20 * DAY
        session.add(
            DayNote(first=first, last=first, kind=NoteKind.WINDOW, text=text, written_at=clock.now)
        )


@pytest.mark.parametrize(
    ("path", "lang", "width", "scheme", "drawings"),
    [
        ("/history?range=28", "zh", 390, "dark", 3),
        ("/history/hours?range=28", "en", 1440, "light", 3),
        ("/notes/1?", "en", 390, "light", 0),
    ],
)
@pytest.mark.usefixtures("month")
def test_they_fit_and_can_be_read(show, path, lang, width, scheme, drawings):  # noqa: PLR0917 - by name
    page = show(f"{path}&lang={lang}", width, scheme)

    page.wait_for_function(
        f"document.querySelectorAll('.drawing:not([hidden])').length == {drawings}"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []
    assert page.title() != "owned"

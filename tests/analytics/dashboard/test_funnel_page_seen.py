"""The page of the funnel in a browser: nothing beside the window, nothing that axe-core minds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.models.attribution import Source, SourceKind
from tests.analytics.portal_shop import row

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [("zh", 390, "dark"), ("en", 390, "light"), ("zh", 1440, "light")]
)
def test_it_fits_and_can_be_read(show, database, clock, today, lang, width, scheme):  # noqa: PLR0917 - by name
    with database.writing() as session:
        session.add(row(today, (23456, 18200, 17100, 6600, 3100, 3), (170, 260, 110, 7, 3)))
        name = "Alexandra Featherstonehaugh-Cholmondeley, second floor"
        guide = SourceKind.GUIDE
        session.add(Source(kind=guide, name=name, code="a", created_at=clock.now))

    page = show(f"/funnel?lang={lang}", width, scheme)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []

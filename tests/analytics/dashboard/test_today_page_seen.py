"""The first page in a browser: drawn by its own scripts alone, read by keyboard, on paper."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.models.traffic import TrafficNow

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(app, traffic, today, database, clock):
    # No room for streams, which would go on, and make time go on, behind a test's back.
    while app.extensions["doorman_live_room"].acquire(blocking=False):
        pass
    traffic(today)
    with database.writing() as session:
        session.add(TrafficNow(id=1, at=clock.now, devices=23, low=16, high=33))


def drawing(page):
    return page.locator("#visitors-by-hour .drawing")


@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", 390, "dark"), ("zh", 1440, "light")])
def test_it_fits_can_be_read_and_keeps_to_its_policy(show, shop, lang, width, scheme):
    page = show(f"/?lang={lang}", width, scheme)
    drawing(page).locator("svg").wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []
    assert page.complaints == []


def test_the_keyboard_reads_the_drawing_figure_by_figure(show, shop):
    page = show("/?lang=en")

    drawing(page).focus()
    for said in ("01:00–02:00, 45 (95%: ", "02:00–03:00, not shown", "03:00–04:00, 15 (95%: "):
        page.keyboard.press("ArrowRight")
        spoken = page.locator("#visitors-by-hour [aria-live]").inner_text()
        assert spoken.startswith(said)
        # The same words in the drawing itself, which is no picture of letters.
        assert said.split(", ")[1][:2] in drawing(page).locator("svg").inner_html()
    assert page.complaints == []


def test_it_takes_the_page_s_colours_and_changes_with_them(show, shop):
    page = show("/", scheme="light")
    colour = "getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        accent = page.evaluate(colour)
        drawing(page).locator(f'[fill="{accent}"]').first.wait_for(state="attached")


def test_on_paper_the_tables_stand_open_and_in_light_colours(show, shop):
    page = show("/?lang=en", 390, "dark")
    table = page.locator("#visitors-by-hour table")
    assert not table.is_visible()

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert table.is_visible()
    assert drawing(page).locator('svg[width="640"] [fill="#0b6e4f"]').count()

    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not table.is_visible()


def test_without_script_the_tables_have_it_all(show, shop):
    page = show("/?lang=en", 390, java_script_enabled=False)

    assert page.locator("#visitors-by-hour table").is_visible()
    assert not drawing(page).is_visible()
    assert re.search(r"15\n?–35", page.locator("#now").inner_text())


def test_new_figures_come_without_a_reload(show, shop, database):
    page = show("/?lang=en")
    page.locator("#now .value", has_text="25").wait_for()
    page.evaluate("window.here = true")

    with database.writing() as session:
        session.get(TrafficNow, 1).devices = 40
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page.locator("#now .value", has_text="40").wait_for()
    assert page.evaluate("window.here")

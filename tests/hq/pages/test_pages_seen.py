"""The fleet's pages in a browser: nothing beside the window, nothing that axe-core minds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("path", "lang", "width", "scheme"),
    [
        ("/?range=28", "zh", 390, "dark"),
        ("/map?show=health", "en", 1440, "light"),
    ],
)
def test_they_fit_and_can_be_read(show, chain, path, lang, width, scheme):  # noqa: PLR0917 - by name
    chain(40, days=20)

    page = show(f"{path}&lang={lang}", width, scheme)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []
    assert page.complaints == []


def test_a_store_is_drawn_and_every_link_is_our_own(show, chain):
    chain(3)

    page = show("/stores/store-1?lang=en")

    page.wait_for_function("document.querySelectorAll('.drawing:not([hidden])').length == 4")
    hosts = page.evaluate(
        "[...document.querySelectorAll('[src], [href]')].map((e) => (e.src || e.href))"
    )
    assert {each.split("/")[2] for each in hosts} == {"box.example"}
    assert Axe().run(page).response["violations"] == []

"""Pages can be seen, read aloud and worked by keys: axe-core's rules, and some of our own."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from core.texts import LANGUAGES
from portal.application import create_app
from tests.portal import stages
from tests.portal.conftest import URL, Phone

pytestmark = pytest.mark.browser

NARROWEST = 320
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
# These look again, or lead on, by themselves (WCAG 2.2, 2.2.1): nothing is typed there that
# could be lost, and there is no other way without a script.
LOOKING_AGAIN = ("waiting", "pass", "wechat")
# How high and wide a finger needs what stands alone (WCAG 2.2, 2.5.8, asks for 24).
TARGET = 40


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def seen():
    """The pages of each language, once they were asked for."""
    return {}


@pytest.fixture
def window(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture
def shop(parts):
    return stages.generous(parts)


@pytest.fixture
def shopper(shop, carrier):
    return Phone(create_app(shop), "127.0.0.1", carrier)


@pytest.fixture
def visited(seen, shop, shopper, gate, clock, marketing):  # noqa: PLR0917 - fixtures are passed by name
    """All pages in a language: `visited("en")`."""

    def visit(language):
        if language not in seen:
            others = {"parts": shop, "gate": gate, "clock": clock, "marketing": marketing}
            seen[language] = list(stages.visited(shopper, language, **others))
        return seen[language]

    return visit


@pytest.fixture
def show(window, shopper):
    """Shows an answer that was had without a browser: `show(answer)`."""

    def open_in_window(answer):
        def fulfil(route):
            path = route.request.url.removeprefix(URL)
            found = answer if path == "/shown" else shopper.get(path)
            route.fulfill(status=200, headers=dict(found.headers), body=found.data)

        window.unroute_all()
        window.route("**/*", fulfil)
        window.goto(f"{URL}/shown")
        return window

    return open_in_window


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_axe_finds_nothing(show, visited, language):
    found = {}
    for name, answer in visited(language):
        window = show(answer)
        for scheme in ("light", "dark"):
            window.emulate_media(color_scheme=scheme)
            for each in Axe().run(window, options=RULES).response["violations"]:
                if each["id"] == "meta-refresh" and name.startswith(LOOKING_AGAIN):
                    continue
                places = [node["html"][:120] for node in each["nodes"]]
                found[name, scheme, each["id"]] = places

    assert found == {}, json.dumps([[*key, *at] for key, at in found.items()], indent=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_on_the_narrowest_screen(show, visited, language):
    wide = []
    for name, answer in visited(language):
        window = show(answer)
        window.set_viewport_size({"width": NARROWEST, "height": 568})
        if window.evaluate("document.documentElement.scrollWidth") > NARROWEST:
            wide.append(name)

    assert wide == []


def test_a_finger_hits_what_stands_alone(show, visited):
    small = []
    for name, answer in visited("ja"):
        boxes = show(answer).evaluate(
            """() => [...document.querySelectorAll(
                'button, summary, label.tick, input:not([type=hidden]):not(label input), select'
            )].filter(each => each.checkVisibility()).map(each => {
                const box = each.getBoundingClientRect();
                return [each.outerHTML.slice(0, 60), box.width, box.height];
            })"""
        )
        small += [(name, *box) for box in boxes if min(box[1:]) < TARGET]

    assert small == []


def test_keys_reach_everything_in_the_order_it_stands(show, visited):
    for name, answer in visited("en"):
        window = show(answer)
        # From the top: one page starts at its field. Of a group of answers keys reach the first.
        expected = window.evaluate(
            """() => {
                document.body.tabIndex = -1;
                document.body.focus();
                return [...document.querySelectorAll('a[href], button, summary, input, select')]
                    .filter(each => each.type != 'hidden' && each.checkVisibility())
                    .filter(each => each.type != 'radio'
                        || each == document.querySelector(`[name=${each.name}]`))
                    .map((each, at) => { each.dataset.place = at; return String(at); });
            }"""
        )
        reached = []
        for _ in expected:
            window.keyboard.press("Tab")
            reached.append(window.evaluate("document.activeElement.dataset.place"))
            assert _is_outlined(window), (name, reached)
        assert reached == expected, name


def test_the_list_of_languages_opens_by_key_and_leads_to_each(show, shopper):
    window = show(shopper.get("/", Accept_Language="en"))
    window.keyboard.press("Tab")
    assert not window.locator(".languages a").first.is_visible()
    window.keyboard.press("Enter")

    links = window.locator(".languages a")
    assert links.all_inner_texts() == [name for key, name in LANGUAGES.items() if key != "en"]
    assert links.first.is_visible()


def _is_outlined(window):
    return window.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"

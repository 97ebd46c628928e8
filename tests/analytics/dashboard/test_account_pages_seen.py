"""The pages of accounts and of the audit log in a browser: seen, read aloud, worked by keys."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from core.models.member import Member
from core.models.user import Role

pytestmark = pytest.mark.browser

HERE = {"Origin": "http://localhost"}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def show(app, chromium):
    """Opens a page as a browser of ours sees it: `show(client, "/account", 390, "dark")`."""
    contexts = []

    def open_page(client, path, width, scheme):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()

        def fulfil(route):
            # Else a file that is served stays open.
            found = client.get(route.request.url.removeprefix("http://box.example"), buffered=True)
            route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.data)

        page.route("**/*", fulfil)
        page.goto("http://box.example" + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def pages(alice, charlie, hired, enrol, database):
    """Every page that this is about, with something on it, and who sees it."""
    enrol()
    with database.reading() as session:
        member = session.query(Member).one().public_id
    alice.get("/members")
    alice.post("/campaigns/save", data={"name": ""}, headers=HERE)
    alice.get(f"/members/{member}/erase")
    bob = hired(Role.IT)
    bob.get("/online")
    bob.get("/members")
    bob.post("/account/totp/begin", data={"password": PASSWORD}, headers=HERE)
    with charlie.session_transaction() as cookie:
        cookie.update({"half": 1, "half_until": 4_000_000_000})
    return {
        "code": (charlie, "/sign-in/code"),
        "account": (alice, "/account?done=password"),
        "totp": (bob, "/account/totp"),
        "audit": (alice, "/audit"),
        "erase": (alice, f"/members/{member}/erase"),
    }


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(390, "dark", "zh"), (1440, "light", "en")]
)
def test_they_fit_and_axe_finds_nothing(show, pages, width, scheme, language):
    faults = {}
    for name, (client, path) in pages.items():
        join = "&" if "?" in path else "?"
        page = show(client, f"{path}{join}lang={language}", width, scheme)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults[name] = "too wide"
        for each in Axe().run(page).response["violations"]:
            faults[f"{name} {each['id']}"] = [node["html"][:160] for node in each["nodes"]]

    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)


def test_the_keys_reach_every_field_of_the_account_in_order(show, alice):
    page = show(alice, "/account", 1440, "light")
    page.focus("#current")
    reached = []
    for _ in range(6):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        page.keyboard.press("Tab")

    assert reached == ["current", "new", "again", "BUTTON", "password", "BUTTON"]

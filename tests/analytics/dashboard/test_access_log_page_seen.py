"""The way of an export in a browser: one asks, another agrees, the file comes."""

import dataclasses
import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from analytics.dashboard import application
from analytics.dashboard.site import PARTS
from core.models.user import Role
from tests.analytics.dashboard.conftest import SITE, signed_in, staff

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(app, database, clock, chromium):
    """Opens the page as one of two privacy officers; forms are sent as they are."""
    parts = app.extensions[PARTS]
    rules = parts.settings.access_log.model_copy(update={"four_eyes": True})
    settings = parts.settings.model_copy(update={"access_log": rules})
    with database.writing() as session:
        session.add_all(staff(name, Role.PRIVACY, clock.now) for name in ("diana", "erik"))
    careful = application.create_app(dataclasses.replace(parts, settings=settings))
    contexts = []

    def open_page(name, width, language, scheme="light"):
        client = signed_in(careful, name)
        viewport = {"width": width, "height": 844}
        context = chromium.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)

        def fulfil(route):
            asked = route.request
            kept = {"content-type", "accept"}
            headers = {key: text for key, text in asked.headers.items() if key in kept}
            found = client.open(
                asked.url.removeprefix(SITE),
                method=asked.method,
                headers=headers | {"Origin": "http://localhost"},
                data=asked.post_data_buffer,
                buffered=True,
                # The browser fetches nothing anew for an answer that is made up.
                follow_redirects=True,
            )
            route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.data)

        page = context.new_page()
        page.route("**/*", fulfil)
        page.goto(f"{SITE}/access-log?lang={language}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def faults_of(page, width):
    found = {
        each["id"]: each["nodes"][0]["html"] for each in Axe().run(page).response["violations"]
    }
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found["too wide"] = page.url
    return found


def test_one_asks_another_agrees_and_the_file_comes(visit):
    diana = visit("diana", 390, "zh", "dark")
    for name, text in (
        ("officer", "王警官 012345"),
        ("reason", "案号 7"),
        ("since", "2026-05-16T14:00"),
        ("until", "2026-05-16T15:00"),
        ("phone", "13800138000"),
    ):
        diana.fill(f"#{name}", text)
    diana.get_by_role("button", name="提交申请").click()
    assert diana.get_by_text("等待另一人同意").is_visible()
    assert diana.get_by_role("button", name="同意").count() == 0
    narrow = faults_of(diana, 390)

    erik = visit("erik", 1280, "en")
    assert erik.get_by_text("138****8000").is_visible()
    wide = faults_of(erik, 1280)
    erik.get_by_role("button", name="Agree").click()
    assert erik.get_by_text("ready").is_visible()

    diana.goto(f"{SITE}/access-log")
    with diana.expect_download() as download:
        diana.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "access-log-1.csv"
    assert narrow | wide == {}, json.dumps(narrow | wide, indent=1, ensure_ascii=False)

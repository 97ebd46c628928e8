import dataclasses
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from analytics.dashboard.site import PARTS
from core.setting_groups.sensor import SensorSettings
from core.setting_groups.store import StoreSettings


@pytest.fixture
def set_up(app):
    """Changes settings of the store: `set_up(sensor=SensorSettings(…))`."""

    def change(**groups):
        parts = app.extensions[PARTS]
        settings = parts.settings.model_copy(update=groups)
        app.extensions[PARTS] = dataclasses.replace(parts, settings=settings)

    return change


def test_says_in_two_languages_what_who_how_long_and_how_not(alice, set_up):
    set_up(
        store=StoreSettings(name="安福路店", contact="privacy@chain.example"),
        sensor=SensorSettings(do_not_count_days=99),
    )

    page = alice.get("/sign").text

    assert page.count("privacy@chain.example") == 2
    assert "/do-not-count" in page
    for said in ("多少人进店", "每天一换", "99 天", "enter and stay", "new each day", "99 days"):
        assert said in page


def test_names_the_staff_where_no_contact_is_set(alice):
    page = alice.get("/sign").text

    assert "店内工作人员" in page
    assert "the staff" in page


def test_claims_no_more_of_strict_mode_than_it_gives(alice, set_up):
    set_up(sensor=SensorSettings(strict=True))

    page = alice.get("/sign").text

    assert "五分钟之内" in page
    assert "within five minutes" in page
    assert "stay for how long" not in page


def test_its_code_is_a_picture(alice):
    answer = alice.get("/sign/qr.svg")

    assert answer.mimetype == "image/svg+xml"
    assert b"<svg" in answer.data


def test_is_for_staff_to_print(app):
    assert app.test_client().get("/sign").status_code == 303


@pytest.mark.browser
def test_fits_on_one_sheet_and_can_be_read_aloud(alice, set_up):
    set_up(store=StoreSettings(name="一家名字相当长的旗舰店（安福路与武康路路口店）"))

    def fulfil(route):
        # Else a file that is served stays open.
        found = alice.get(route.request.url.removeprefix("http://box.example"), buffered=True)
        route.fulfill(status=200, headers=dict(found.headers), body=found.data)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page()
        page.route("**/*", fulfil)
        page.goto("http://box.example/sign")
        faults = Axe().run(page).response["violations"]
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()

    assert [each["id"] for each in faults] == []
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    (width, height) = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", printed).groups()
    assert (round(float(width)), round(float(height))) == (595, 842)

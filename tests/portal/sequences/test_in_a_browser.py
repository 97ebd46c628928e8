"""What no test client knows: what a real browser keeps, and asks for again, on the way back."""

import pytest
from playwright.sync_api import expect

from tests.portal.conftest import NUMBER

pytestmark = pytest.mark.browser


def give_number(page):
    page.fill("#phone", NUMBER)
    page.check("#terms")
    page.click("#next")
    expect(page.locator("#code")).to_be_visible()


def enter_code(page, carrier):
    page.fill("#code", carrier.code)
    page.click("#next")
    expect(page.locator("#go-online")).to_be_visible()


def go_back_and_on(page, portal_url, *, sent_on, expected):
    """Back; if an old page is shown all the same, send its form again."""
    page.go_back()
    if not page.locator(expected).count():
        sent_on()
    expect(page.locator(expected)).to_be_visible()
    assert page.url.startswith(portal_url)


def test_going_back_at_every_step_ends_where_the_phone_stands(open_sheet, portal_url, carrier):
    page = open_sheet()
    give_number(page)
    go_back_and_on(page, portal_url, sent_on=lambda: give_number(page), expected="#code")
    enter_code(page, carrier)
    go_back_and_on(
        page, portal_url, sent_on=lambda: enter_code(page, carrier), expected="#go-online"
    )
    page.click("#go-online")
    expect(page.locator("#online")).to_be_visible()
    go_back_and_on(page, portal_url, sent_on=lambda: page.click("#go-online"), expected="#online")
    page.reload()
    expect(page.locator("#online")).to_be_visible()
    assert len(carrier.sent) == 1


def test_a_sheet_that_is_closed_at_every_step_loses_nothing(open_sheet, carrier):
    page = open_sheet()
    give_number(page)
    page.context.close()

    page = open_sheet()
    enter_code(page, carrier)
    page.context.close()

    page = open_sheet()
    page.click("#go-online")
    expect(page.locator("#online")).to_be_visible()
    assert len(carrier.sent) == 1


def test_two_tabs_of_one_browser_end_on_the_right_page(open_sheet, portal_url, carrier):
    first = open_sheet()
    give_number(first)
    second = first.context.new_page()
    second.goto(portal_url)
    expect(second.locator("#code")).to_be_visible()

    enter_code(first, carrier)
    first.click("#go-online")
    expect(first.locator("#online")).to_be_visible()
    second.fill("#code", carrier.code)
    second.click("#next")
    expect(second.locator("#online")).to_be_visible()

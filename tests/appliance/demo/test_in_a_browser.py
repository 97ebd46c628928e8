"""What a newcomer does in the demo, in a real browser at a phone's width."""

import re
import time

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.appliance.demo.family import children_of, is_gone, listens, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = "138 0013 8000"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    yield context.new_page()
    context.close()


def guide_of(process):
    lines = []
    while not lines or "forgotten" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], "the demo ended early"
    return "".join(lines)


def test_a_newcomer_joins_and_sees_it_everywhere(demo, ports, page):
    process = demo()
    guide = guide_of(process)
    portal, inbox, dashboard, crm, fleet = re.findall(r"http://[\d.:]+\S*", guide)
    password, fleet_password = re.findall(r"password (\S+)", guide)

    page.goto(portal)
    page.fill("#phone", PHONE)
    page.check("#terms")
    page.click("#next")
    code = httpx.get(inbox + "/messages.json").json()[0]["text"]
    page.fill("#code", re.search(r"\d{6}", code)[0])
    page.click("#next")
    page.check("#membership")
    page.click("#go-online")
    expect(page.locator("#online")).to_be_visible()

    page.goto(dashboard)
    page.fill("[name=name]", "manager")
    page.fill("[name=password]", password)
    page.click("main button")
    expect(page.locator(".figure .value").first).to_have_text(re.compile(r"^\d"), timeout=120_000)

    page.goto(dashboard + "/members")
    expect(page.locator("main")).to_contain_text("138****8000")
    expect(page.locator("main")).not_to_contain_text("13800138000")

    page.goto(fleet)
    page.fill("[name=name]", "chain")
    page.fill("[name=password]", fleet_password)
    page.click("main button")
    expect(page.locator("main")).to_contain_text("天河城店")

    # By way of headquarters, which is busy with what stores have told it of their past.
    deadline = time.monotonic() + 120
    while "13800138000" not in httpx.get(crm + "/state.json").text:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    page.goto(crm)
    expect(page.locator("main")).to_contain_text("13800138000")

    children = children_of(process.pid)
    process.terminate()
    process.wait(20)
    wait_until(lambda: all(is_gone(child) for child in children), 20)
    assert len(children) >= 6
    assert not any(listens(port) for port in ports.values())

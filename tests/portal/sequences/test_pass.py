"""WeChat before the login: an iPhone is told that all is well, any other that it is captive."""

import dataclasses

import pytest
from playwright.sync_api import expect

from core import revocation
from core.models.grant import EndCause
from core.models.temporary_pass import PassKind, TemporaryPass
from core.setting_groups.plans import PassSettings
from portal.access import restoration
from tests.portal.sequences.verdict import PORTAL_URL, Verdict


@pytest.fixture
def parts(parts):
    settings = parts.settings.model_copy(update={"passes": PassSettings(per_day=3)})
    return dataclasses.replace(parts, settings=settings)


def opens_wechat(handset):
    return handset.air.opens_wechat(handset.address)


def test_an_iphone_leaves_the_sheet_for_wechat_and_is_captive_again_afterwards(iphone, air, gate):
    assert iphone.join() is Verdict.PORTAL
    assert (iphone.window.path, iphone.button) == ("/", "Cancel")
    assert not opens_wechat(iphone)

    iphone.window.press("open-wechat")
    assert (iphone.window.path, iphone.button) == ("/pass", "Done")
    # A full navigation, or it would not have looked again.
    assert iphone.window.led == [303, 200]
    iphone.press_done()
    assert opens_wechat(iphone)

    # Whenever it looks meanwhile, no sheet comes in the way.
    air.pass_by(seconds=100)
    assert iphone.join() is Verdict.OPEN
    assert iphone.window is None

    air.pass_by(seconds=20)
    assert not opens_wechat(iphone)
    assert iphone.join() is Verdict.PORTAL
    assert (iphone.window.path, iphone.button) == ("/", "Cancel")
    assert gate.inside == {}


def test_nothing_but_apples_page_succeeds_for_an_iphone_with_a_pass(iphone, android, air):
    iphone.join()
    iphone.window.press("open-wechat")

    other = android.ask_maker(iphone.air.new_jar())[0]
    assert other is Verdict.PORTAL
    for url in ("http://connectivitycheck.gstatic.com/generate_204", "http://www.example/"):
        answer = air.fetch(air.new_jar(), iphone.address, url)
        assert answer.location == f"{PORTAL_URL}/"
    assert iphone.ask_api()["captive"] is True


def test_an_iphone_that_stays_on_the_page_finds_the_login_when_its_pass_is_over(iphone, air):
    iphone.join()
    iphone.window.press("open-wechat")
    air.pass_by(seconds=121)

    # As the page asks for by itself.
    iphone.window.reload()
    assert (iphone.window.path, iphone.button) == ("/", "Cancel")


def test_an_android_stays_captive_and_its_page_open(android, air):
    assert android.join() is Verdict.PORTAL
    android.window.press("open-wechat")
    assert android.window.is_open
    assert android.window.path == "/pass"
    assert opens_wechat(android)
    assert android.ask_maker()[0] is Verdict.PORTAL

    android.put_aside()
    air.pass_by(seconds=121)
    assert not opens_wechat(android)
    android.window.reload()
    assert android.window.is_open
    assert android.window.path == "/"


def test_a_login_during_a_pass_is_like_any_other(handset, carrier, gate, rows):
    handset.join()
    handset.window.press("open-wechat")
    handset.window.open(f"{PORTAL_URL}/")
    handset.give_number()
    handset.window.press("next", code=carrier.code)
    handset.window.press("go-online")

    assert len(gate.inside) == 1
    assert gate.passing == {}
    handset.air.pass_by(minutes=30)
    assert handset.ask_maker()[0] is Verdict.OPEN
    assert rows(TemporaryPass)[0].ended_at is not None


def test_the_code_page_is_where_it_was_after_a_look_at_wechat(iphone, carrier):
    iphone.join()
    iphone.give_number()
    iphone.window.press("open-wechat")
    iphone.press_done()
    iphone.air.pass_by(minutes=2)

    iphone.join()
    assert iphone.window.path == "/code"
    iphone.window.press("next", code=carrier.code)
    assert iphone.window.path == "/consent"


def test_two_tabs_get_one_pass(handset, rows):
    handset.join()
    second = handset.browse()
    second.open(f"{PORTAL_URL}/")
    handset.window.press("open-wechat")
    second.press("open-wechat")

    assert handset.window.path == second.path == "/pass"
    assert len(rows(TemporaryPass)) == 1


def test_after_three_there_is_no_fourth_but_for_another_address(handset, air):
    handset.join()
    old = handset.window
    for _ in range(3):
        handset.window.open(f"{PORTAL_URL}/")
        handset.window.press("open-wechat")
        assert handset.window.path == "/pass"
        air.pass_by(minutes=3)

    old.send(f"{PORTAL_URL}/pass", {})
    assert old.path == "/"
    assert "open-wechat" not in old.page.text
    assert not opens_wechat(handset)

    # Another address is another phone, to us.
    handset.take_address("127.0.0.21")
    handset.window.press("open-wechat")
    assert opens_wechat(handset)


def test_a_pass_that_is_cut_ends_at_once(iphone, gate, parts, clock):
    iphone.join()
    iphone.window.press("open-wechat")
    mac = parts.neighbours.mac_of(iphone.address)
    cut = {"cause": EndCause.REVOKED, "now": clock.now}
    assert revocation.revoke(parts.database, parts.sealer, gate, mac, **cut)

    assert not opens_wechat(iphone)
    assert iphone.ask_maker()[0] is Verdict.PORTAL


def test_a_pass_does_not_come_back_after_a_reboot(iphone, gate, parts, clock):
    iphone.join()
    iphone.window.press("open-wechat")
    gate.passing.clear()

    assert restoration.restore(parts.database, parts.sealer, gate, clock.now) == 0
    assert not opens_wechat(iphone)


def is_narrow_enough(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_in_a_browser_the_page_shows_the_way_and_leads_back_by_itself(open_sheet, clock, rows):
    page = open_sheet()
    assert page.viewport_size["width"] == 390
    assert is_narrow_enough(page)
    page.click("#open-wechat")
    expect(page.get_by_text("Tap “Done” in the top right corner")).to_be_visible()
    assert is_narrow_enough(page)
    assert rows(TemporaryPass)[0].kind is PassKind.IOS

    page.click("#back")
    expect(page.get_by_text("WeChat works until 14:32:00.")).to_be_visible()
    assert is_narrow_enough(page)

    # Shown with a second left, it need not be waited for longer.
    clock.pass_by(seconds=119)
    page.get_by_text("See how").click()
    expect(page.locator("#back")).to_be_visible()
    clock.pass_by(seconds=1)
    expect(page.locator("#open-wechat")).to_be_visible(timeout=20_000)


@pytest.mark.browser
def test_in_a_browser_the_last_one_is_said_kindly(open_sheet, clock):
    page = open_sheet()
    address = page.url
    for _ in range(3):
        page.click("#open-wechat")
        expect(page.locator("#back")).to_be_visible()
        clock.pass_by(minutes=3)
        page.goto(address)

    expect(page.get_by_text("as often as we can offer")).to_be_visible()
    expect(page.locator("#phone")).to_be_visible()
    assert not page.locator("#open-wechat").count()
    assert is_narrow_enough(page)

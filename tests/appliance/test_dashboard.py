"""The dashboard with the portal's pages in it: what a marketer sees before shoppers do."""

import shutil
import threading

import playwright.sync_api
import pytest
from PIL import Image
from werkzeug.serving import make_server

from analytics.dashboard import accounts
from analytics.dashboard.preview import PreviewError
from analytics.dashboard.site import PARTS
from appliance import dashboard
from core import clock, migrate
from core.database import Database

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A dashboard as `doorman dashboard` starts it."""
    folder = tmp_path_factory.mktemp("dashboard")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOORMAN_DATA_DIR", str(folder))
        patch.setenv("DOORMAN_STORE__NAME", "安福路店")
        app = dashboard.create()
    database = Database(f"sqlite:///{folder / 'doorman.sqlite'}")
    migrate.upgrade(database)
    accounts.add(database, "alice", PASSWORD, clock.now())
    database.dispose()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def page(address):
    if not shutil.which("chromium"):
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with playwright.sync_api.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        page = context.new_page()
        page.goto(address)
        page.fill("#name", "alice")
        page.fill("#password", PASSWORD)
        page.click("button.strong")
        yield page
        browser.close()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.linear_gradient("L").resize((1600, 900)).convert("RGB").save(path)
    return path


def test_a_campaign_is_seen_before_it_is_saved(page, address, photo):
    complaints = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(f"{address}/campaigns/new")
    page.fill("#name", "春季新品")
    page.fill("#heading", "春季新品到店")
    page.fill("#line", "全场满 300 减 50 <b>")
    page.fill("#picture_text", "春装")
    page.set_input_files("#picture", photo)
    page.fill("#link", "https://shop.example/spring")
    page.select_option("#coupon", "made")
    page.fill("#coupon_text", "满 100 减 20")
    page.fill("#coupon_pattern", "WEL-######")
    page.click("button[formtarget=preview]")
    frame = page.frame_locator("iframe.phone")
    frame.locator("#campaign").wait_for()

    assert "全场满 300 减 50 <b>" in frame.locator("#campaign").inner_text()
    assert "WEL-888888" in frame.locator(".coupon").inner_text()
    drawn = "image => image.decode().then(() => image.naturalWidth)"
    assert frame.locator("#campaign img").evaluate(drawn) == 780
    assert frame.locator("html").evaluate("e => e.scrollWidth <= 390")
    # The sheet is the portal's: without it, the card would have no corners.
    assert frame.locator("#campaign").evaluate("e => getComputedStyle(e).borderRadius") == "12px"

    page.click("form.fields > .steps > button.strong")
    page.wait_for_url("**/campaigns/1?saved=yes")
    frame.locator("#campaign").wait_for()
    assert frame.locator("#campaign img").evaluate(drawn) == 780
    assert complaints == []


def test_the_first_page_is_shown_with_its_form(page, address):
    page.goto(f"{address}/campaigns/new")
    page.fill("#name", "x")
    page.fill("#heading", "欢迎光临")
    page.select_option("#spot", "first")
    page.click("button[formtarget=preview]")
    frame = page.frame_locator("iframe.phone")
    frame.locator("#campaign").wait_for()

    assert frame.locator("input[name=phone]").count() == 1


def test_the_pages_fit_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("campaigns", "campaigns/new", "sources", "coupons", "surveys", "groups"):
        page.goto(f"{address}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= 390"), path


def test_a_portal_that_cannot_start_takes_no_dashboard_along(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DOORMAN_SMS__CARRIERS", '["webhook"]')
    monkeypatch.setenv("DOORMAN_SMS__WEBHOOK__URL", "https://sms.example")
    monkeypatch.setenv("DOORMAN_SMS__WEBHOOK__SIGNING_KEY", "no key at all")

    app = dashboard.create()

    with pytest.raises(PreviewError):
        app.extensions[PARTS].preview.style()
    assert app.test_client().get("/sign-in").status_code == 200

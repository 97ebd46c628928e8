"""The pages of calibration in a browser: they fit, can be read, and are alive with their script."""

import datetime as dt
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

from analytics.dashboard import walks
from core import sightings
from core.models.counting_session import CountingSession, CountSource
from core.models.walk import Station, Walk, WalkStation

pytestmark = pytest.mark.browser

PATIENCE_MS = 20_000


@pytest.fixture
def site(app):
    """Its forms are sent by the browser, so it is really served."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def show(alice, chromium, site):
    contexts = []

    def open_page(path, width=390, scheme="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme
        )
        contexts.append(context)
        cookie = alice.get_cookie("doorman_dashboard")
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def readable(page, width):
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert Axe().run(page).response["violations"] == []


def begin_counting(show):
    page = show("/calibration?lang=en")
    page.get_by_role("button", name="Start counting").click()
    # With its script: a tap before that is the page's own form, which a sign-in interrupts.
    page.wait_for_url("**/calibration/count/*", wait_until="load")
    return page


@pytest.fixture
def calibrated(database, now):
    """A walk that holds, a count that runs and one that is over."""
    walk = Walk(user_name="alice", begun_at=now, accepted_at=now, inside_dbm=-67, outside_dbm=-84)
    with database.writing() as session:
        session.add(walk)
        session.flush()
        for station, dbm in ((Station.PAVEMENT, -78), (Station.DOOR, -60), (Station.BACK, -66)):
            session.add(
                WalkStation(
                    walk_id=walk.id,
                    station=station,
                    begun_at=now,
                    median_dbm=dbm,
                    low_dbm=dbm - 4,
                    high_dbm=dbm + 4,
                )
            )
        for ended_at in (None, now - dt.timedelta(hours=1)):
            session.add(
                CountingSession(
                    user_name="alice",
                    source=CountSource.HAND,
                    begun_at=now - dt.timedelta(hours=2),
                    ended_at=ended_at,
                    entered=12_345,
                    passed=23_456,
                    rules="",
                )
            )


@pytest.mark.parametrize(
    ("lang", "width", "scheme"), [("zh", 390, "dark"), ("en", 390, "light"), ("zh", 1440, "light")]
)
def test_what_is_known_fits_and_can_be_read(show, calibrated, lang, width, scheme):
    readable(show(f"/calibration?lang={lang}", width, scheme), width)


def test_the_signal_of_a_walk_comes_by_itself(show, database, settings, clock):
    number = walks.begin(database, "alice", clock.now)
    page = show(f"/calibration/walk/{number}?lang=en")
    readable(page, 390)
    page.get_by_role("button", name="I am there: start").click()
    expect(page.locator(".clock")).to_be_visible()

    begin_at = clock.now + dt.timedelta(seconds=walks.LEAD_S)
    file = sightings.DayFile(settings.sightings_dir, settings.today(clock.now))
    us = int(begin_at.timestamp() * 1e6)
    file.append([sightings.Sighting(us, 1, 2, True, -61, 2437, "s")], {})
    file.close()
    clock.now = begin_at + dt.timedelta(seconds=5)

    expect(page.locator(".live .slot title")).to_have_text("\u221261\u00a0dBm")
    readable(page, 390)
    clock.now += dt.timedelta(seconds=60)
    expect(page.get_by_role("alert")).to_contain_text("no phone was heard often enough")


def test_a_tap_counts_at_once_and_is_sent_when_the_network_is_back(show, database):
    page = begin_counting(show)
    came_in = page.locator("[data-count=entered]")
    expect(came_in).to_have_text("0")
    readable(page, 390)
    plus = page.get_by_role("button", name="+1 Came in")

    page.route("**/add", lambda route: route.abort())
    for _ in range(3):
        plus.click()
    expect(came_in).to_have_text("3")
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute("**/add")

    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Stop counting").click()
    expect(page.get_by_role("heading", name="Calibration")).to_be_visible()
    with database.reading() as session:
        (found,) = session.query(CountingSession)
    assert (found.entered, found.ended_at is not None) == (3, True)


def test_a_tap_whose_answer_was_lost_is_not_counted_twice(show, database):
    page = begin_counting(show)
    came_in = page.locator("[data-count=entered]")

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/add", lose, times=2)
    page.get_by_role("button", name="+1 Came in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()

    expect(came_in).to_have_text("1")
    with database.reading() as session:
        assert session.query(CountingSession).one().entered == 1


def test_who_was_signed_out_is_told_and_loses_no_tap(show, database):
    page = begin_counting(show)
    address = page.url
    cookies = page.context.cookies()
    page.context.clear_cookies()

    page.get_by_role("button", name="+1 Came in").click()
    page.wait_for_url("**/sign-in*")
    page.context.add_cookies(cookies)
    page.goto(address)

    expect(page.locator("[data-count=entered]")).to_have_text("1")
    page.get_by_role("button", name="Stop counting").click()
    expect(page.get_by_role("heading", name="Calibration")).to_be_visible()
    with database.reading() as session:
        assert session.query(CountingSession).one().entered == 1

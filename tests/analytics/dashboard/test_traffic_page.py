import datetime as dt

import pytest

from analytics.dashboard import language
from analytics.dashboard.parts import wired
from analytics.figures import report
from core import clock
from core.models.traffic import PresenceHour

HIDDEN = 3


def test_shows_the_day_with_intervals(alice, traffic, today, app, clock):
    yesterday = today - dt.timedelta(days=1)
    traffic(yesterday, closed_at=clock.now)

    page = alice.get(f"/traffic?day={yesterday}&lang=en").text

    with app.test_request_context("/?lang=en"):
        found = report.find(wired().database, wired().settings, yesterday)
        say = language.wording()
    for estimate, form in (
        (found.visitors, "number"),
        (found.passers_by, "number"),
        (found.entry_rate, "percent"),
        (found.dwell_median_s, "duration"),
    ):
        assert f'<p class="value">{getattr(say, form)(estimate.value)}</p>' in page
        assert say.interval(estimate, form) in page


def test_an_hour_too_small_to_show_is_nowhere_on_the_page(alice, traffic, today):
    traffic(today)

    page = alice.get("/traffic?lang=en").text

    # 44, 3 and 13 visitors, to the nearest five.
    row = '<th scope="row">{}</th><td class="number{}'
    assert row.format("01:00–02:00", '">45 (95%: ') in page
    assert row.format("02:00–03:00", ' quiet">not shown</td>') in page
    assert row.format("03:00–04:00", '">15 (95%: ') in page
    assert '["not shown"]' in page
    for exact in (44, 3, 13):
        assert f'class="number">{exact}' not in page
        assert f'["{exact}' not in page


def test_few_visitors_show_as_fewer_than(alice, traffic, today):
    traffic(today, visitors=4)

    page = alice.get("/traffic?lang=en").text

    assert "fewer than 5" in page
    assert "1 h 25 min" not in page


def test_today_refreshes_itself_and_a_past_day_does_not(alice, traffic, today, clock):
    yesterday = today - dt.timedelta(days=1)
    traffic(today)
    traffic(yesterday, closed_at=clock.now)

    assert 'http-equiv="refresh" content="20; url=/traffic?again=1"' in alice.get("/traffic").text
    past = alice.get(f"/traffic?day={yesterday}&lang=en").text
    assert "http-equiv" not in past
    assert "Day closed" in past


def test_a_day_without_figures_says_so(alice):
    page = alice.get("/traffic?lang=en").text

    assert "Nothing counted yet today" in page
    assert 'href="/status"' in page
    assert "traffic.csv" not in page


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "9999-12-31", "0001-01-01", ""])
def test_what_is_no_day_or_not_yet_has_no_page(alice, day):
    assert alice.get("/traffic", query_string={"day": day}).status_code == 404
    assert alice.get("/traffic.csv", query_string={"day": day}).status_code == 404


def test_the_download_is_the_report_s_csv(alice, database, settings, traffic, today):
    traffic(today)

    response = alice.get("/traffic.csv")

    assert response.data.decode() == report.find(database, settings, today).to_csv()
    assert response.mimetype == "text/csv"
    assert f"traffic-store-1-{today}.csv" in response.headers["Content-Disposition"]


def test_there_is_no_csv_of_a_day_without_figures(alice):
    assert alice.get("/traffic.csv").status_code == 404


def test_every_day_of_the_last_fourteen_is_one_link_away(alice, traffic, today):
    days = [today - dt.timedelta(days=back) for back in (0, 1, 13, 14)]
    for day in days:
        traffic(day)

    page = alice.get("/traffic").text

    assert [f"/traffic?day={day}" in page for day in days] == [True, True, True, False]


def test_a_strict_day_shows_who_was_near_and_claims_no_visits(alice, database, settings, today):
    start, _ = clock.day_bounds(today, settings.store.zone)
    with database.writing() as session:
        for hour, near in ((10, 300), (11, 45)):
            at = start + dt.timedelta(hours=hour)
            row = PresenceHour(start=at, day=today, windows=15, near=near, inside=9, near_most=33)
            session.add(row)

    page = alice.get("/traffic?lang=en").text

    assert "Phones near (strict mode)" in page
    assert '<th scope="row">10:00</th><td class="number">20</td>' in page
    assert '<th scope="row">11:00</th><td class="number quiet">not shown</td>' in page
    assert "Visitors by hour" not in page
    assert "Nothing counted yet" not in page

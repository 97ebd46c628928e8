import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.figures import report
from core.models.traffic import TrafficDay, TrafficNow

pytestmark = pytest.mark.usefixtures("year")


def test_a_day_is_what_its_page_shows(program, database, settings, yesterday):
    shown = report.find(database, settings, yesterday)

    told = program.ask(f"/days/{yesterday}").json

    assert told["visitors"]["value"] == shown.visitors.value
    assert told["visitors"]["low"] == shown.visitors.low
    assert [hour["visitors"] for hour in told["hours"]] == [hour.visitors for hour in shown.hours]
    assert None in {hour["visitors"] for hour in told["hours"]}


def test_a_range_has_its_days(program, yesterday):
    first = yesterday.replace(day=1)

    told = program.ask("/period", first=first, last=yesterday).json

    assert [day["day"] for day in told["days"]] == [
        first.replace(day=number).isoformat() for number in range(1, yesterday.day + 1)
    ]
    assert told["visitors"]["value"] == sum(day["visitors"]["value"] for day in told["days"])


def test_two_ranges_are_compared(program, yesterday):
    told = program.ask(
        "/comparison", first="2026-05-04", last="2026-05-10", with_first="2026-04-27"
    ).json

    assert told["changes"]["visitors"]["pairs"] == 7
    assert told["pairs"][0] == ["2026-05-04", "2026-04-27"]


def test_the_funnel_is_told_as_it_was_measured(program, yesterday):
    told = program.ask("/portal", first=yesterday, last=yesterday).json

    assert told["days"][0]["steps"]["saw"] == told["steps"]["saw"]["value"] > 0


@pytest.mark.parametrize(
    ("address", "asked", "detail"),
    [
        pytest.param("/days/yesterday", {}, "`day` has to be one date", id="no-date"),
        pytest.param("/days/20260516", {}, "`day` has to be one date", id="another-form"),
        pytest.param("/days/2026-5-6", {}, "`day` has to be one date", id="short"),
        pytest.param("/days/２０２６-05-06", {}, "`day` has to be one date", id="other-digits"),
        pytest.param("/period", {"first": "2026-05-01"}, "`last`", id="missing"),
        pytest.param(
            "/period",
            {"first": ["2026-05-01", "2026-05-02"], "last": "2026-05-03"},
            "`first`",
            id="twice",
        ),
        pytest.param(
            "/period",
            {"frist": "2026-05-01", "last": "2026-05-02"},
            "known: first, last",
            id="misspelt",
        ),
        pytest.param(
            "/period", {"first": "2026-05-02", "last": "2026-05-01"}, "before", id="reversed"
        ),
        pytest.param(
            "/period", {"first": "2025-01-01", "last": "2026-05-01"}, "at most 400", id="too-long"
        ),
        pytest.param(
            "/period", {"first": "0001-01-01", "last": "0001-01-02"}, "no day before", id="ancient"
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_told_why(program, address, asked, detail):
    answer = program.ask(address, **asked)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert detail in answer.json["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"Authorization": "Bearer doorman_" + "A" * 43}, id="an-unknown-token"),
        pytest.param({"Authorization": "Basic YWxpY2U6eA=="}, id="a-password"),
        pytest.param({"Authorization": "Bearer"}, id="no-token"),
    ],
)
def test_without_a_good_token_nothing_is_told(app, yesterday, headers):
    answer = app.test_client().get(f"/api/v1/days/{yesterday}", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert set(answer.json) == {"title", "status", "detail"}


def test_a_token_opens_no_page_of_the_dashboard(program):
    page = program.client.get("/", headers={"Authorization": f"Bearer {program.token}"})

    assert (page.status_code, page.location) == (303, "/sign-in")


def test_a_day_that_nobody_counted_is_not_found(program):
    assert program.ask("/days/2024-01-01").status_code == 404
    assert program.ask("/nothing").status_code == 404


def test_now_is_told_while_somebody_counts(program, database, now):
    assert program.ask("/now").status_code == 404
    with database.writing() as session:
        session.add(TrafficNow(id=1, at=now, devices=23, low=17, high=30))

    assert program.ask("/now").json == {
        "at": "2026-05-16T06:30:00Z",
        "devices": {"value": 25.0, "low": 15.0, "high": 30.0},
    }


def test_days_without_a_sensor_are_told(program, yesterday):
    told = program.ask("/anomalies", first="2026-03-20", last=yesterday).json

    assert ("nothing_counted", "2026-04-10") in {(each["kind"], each["first"]) for each in told}


def test_a_sensor_that_is_off_until_now_is_told(program, database, yesterday):
    off = yesterday - dt.timedelta(days=5)
    with database.writing() as session:
        session.execute(sa.delete(TrafficDay).where(TrafficDay.day >= off))

    [told] = program.ask("/anomalies", first=off, last=yesterday).json

    assert (told["kind"], told["first"], told["last"]) == (
        "nothing_counted",
        off.isoformat(),
        yesterday.isoformat(),
    )

import datetime as dt
import json

import pytest
from click.testing import CliRunner

from analytics import report as reports
from appliance.report import report
from core.database import Database
from core.models.every import metadata
from core.models.traffic import PresenceHour, TrafficDay, TrafficHour
from core.settings import Settings

DAY = dt.date(2026, 5, 16)


@pytest.fixture
def expected(tmp_path, monkeypatch):
    """The report of the one day that an appliance has figures of."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    start = dt.datetime(2026, 5, 16, 2, tzinfo=dt.UTC)
    with database.writing() as session:
        session.add(
            TrafficDay(
                day=DAY,
                probe_requests=9000,
                fixtures=0,
                passers_by=300,
                passers_by_low=200,
                passers_by_high=400,
                visitors=4,
                visitors_low=3,
                visitors_high=5,
                dwell_under_5_min=40,
                dwell_5_to_20_min=4,
                dwell_20_to_60_min=0,
                dwell_1_to_6_h=0,
                dwell_over_6_h=0,
                updated_at=start,
                closed_at=start,
            )
        )
        session.add(TrafficHour(start=start, day=DAY, passers_by=300, visitors=4))
    yield reports.find(database, Settings(data_dir=tmp_path), DAY)
    database.dispose()


def printed(*arguments):
    result = CliRunner().invoke(report, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_prints_the_report_as_csv_and_as_json(expected):
    assert printed("--day", "2026-05-16", "--csv") == expected.to_csv().replace("\r\n", "\n")
    assert json.loads(printed("--day", "2026-05-16", "--json")) == expected.to_data()


def test_prints_for_people_and_withholds_there_too(expected):
    text = printed("--day", "2026-05-16")

    assert "store-1, 2026-05-16 (closed)" in text
    assert "passers-by   300 (200 to 400)" in text
    assert "visitors     withheld" in text
    assert "10:00    withheld         300" in text


def test_a_day_without_figures_is_an_error(expected):
    result = CliRunner().invoke(report, ["--day", "2026-05-17"])

    assert result.exit_code == 1
    assert "no figures for 2026-05-17" in result.output


def test_a_database_without_tables_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))

    result = CliRunner().invoke(report)

    assert result.exit_code == 1
    assert "doorman migrate" in result.output


def test_prints_of_a_strict_day_who_was_near_and_claims_no_more(expected, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    start = dt.datetime(2026, 5, 17, 2, tzinfo=dt.UTC)
    with database.writing() as session:
        row = {"start": start, "day": start.date(), "windows": 15, "near_most": 33}
        session.add(PresenceHour(**row, near=300, inside=9))
    database.dispose()

    hour = printed("--day", "2026-05-17").splitlines()[-1]
    as_csv = CliRunner().invoke(report, ["--day", "2026-05-17", "--csv"])

    assert hour.split() == ["10:00", "20", "33", "withheld"]
    assert as_csv.exit_code == 1
    assert "strict mode" in as_csv.output

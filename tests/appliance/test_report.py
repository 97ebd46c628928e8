import datetime as dt
import io
import json

import openpyxl
import pytest
from click.testing import CliRunner

from analytics.figures import period_report
from appliance.report import report
from core.database import Database
from core.models.every import metadata
from core.models.traffic import PresenceHour
from core.settings import Settings
from tests.analytics.traffic_days import day_row, hour_row

FIRST, DAY = dt.date(2026, 5, 15), dt.date(2026, 5, 16)
BOTH = ("--from", "2026-05-15", "--to", "2026-05-16")


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Of an appliance that has figures of two days: of the second, too few visitors to show."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    with database.writing() as session:
        for day, visitors in ((FIRST, 200), (DAY, 4)):
            session.add(day_row(day, visitors, 300))
            start = dt.datetime.combine(day, dt.time(2), dt.UTC)
            session.add(hour_row(start, day, visitors, 300))
    yield database
    database.dispose()


def run(*arguments):
    return CliRunner().invoke(report, arguments)


def printed(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def test_prints_a_day_for_people_and_withholds_there_too(database):
    text = printed("--day", "2026-05-16", "--language", "en").decode()

    assert "Traffic of the day · Sat, 16 May 2026" in text
    assert "Visitors: not shown" in text
    assert "Passers-by: 300" in text


def test_prints_in_the_language_of_the_store(database, monkeypatch):
    assert "客流日报" in printed("--day", "2026-05-15").decode()
    monkeypatch.setenv("DOORMAN_STORE__LANGUAGE", "ja")
    assert "Traffic of the day" in printed("--day", "2026-05-15").decode()


def test_prints_any_range_as_data(database, tmp_path):
    found = json.loads(printed(*BOTH, "--format", "json"))
    expected = period_report.find(database, Settings(data_dir=tmp_path), FIRST, DAY)

    assert (found["first"], found["last"]) == ("2026-05-15", "2026-05-16")
    days = found["tables"]["days"]
    assert [day["visitors"] for day in days] == [each.visitors.value for each in expected.days]
    assert days[1]["visitors"] is None
    assert "visitors" in days[1]["withheld"].split()


@pytest.mark.parametrize("table", ["days", "hours", "summary"])
def test_prints_a_table_as_csv(database, table):
    text = printed(*BOTH, "--format", "csv", "--table", table)
    marked = printed(*BOTH, "--format", "csv", "--table", table, "--bom")

    assert text.splitlines()[0].endswith(b"withheld")
    assert text.count(b"\r\n") == text.count(b"\n")
    assert marked == b"\xef\xbb\xbf" + text


@pytest.mark.parametrize(
    ("form", "begin"),
    [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("html", b"<!doctype html>"), ("text", b"Doorman")],
)
def test_writes_each_form_to_a_file(database, tmp_path, form, begin):
    path = tmp_path / f"report.{form}"

    assert printed(*BOTH, "--format", form, "-o", str(path)) == b""
    assert path.read_bytes().startswith(begin)


def test_a_workbook_may_go_through_a_pipe(database):
    made = printed(*BOTH, "--format", "xlsx", "--language", "en")

    assert openpyxl.load_workbook(io.BytesIO(made)).sheetnames[0] == "Summary"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--day", "2026-05-16", "--to", "2026-05-16"), "either", id="both"),
        pytest.param(("--to", "2026-05-16"), "needs --from", id="no beginning"),
        pytest.param(("--from", "2026-05-16", "--to", "2026-05-15"), "before", id="backwards"),
        pytest.param(("--day", "0001-01-01"), "of before 2000-01-01", id="before all figures"),
        pytest.param(("--from", "0001-01-01"), "of before 2000-01-01", id="from before them"),
        pytest.param(("--day", "9999-12-31"), "has not come yet", id="to come"),
        pytest.param(("--from", "2026-05-15", "--to", "9999-12-31"), "has not", id="up to then"),
        pytest.param(("--day", "yesterday"), "does not match", id="no day"),
        pytest.param(("--table", "members"), "is not one of", id="no such table"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(database, arguments, says):
    result = run(*arguments)

    assert result.exit_code == 2
    assert says in result.output


def test_days_without_figures_are_said_to_have_none(database):
    assert "no figures" in printed("--day", "2026-05-17", "--language", "en").decode()


def test_a_database_without_tables_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))

    result = run()

    assert result.exit_code == 1
    assert "doorman migrate" in result.output


def test_prints_of_a_strict_day_who_was_near_and_claims_no_more(database, monkeypatch):
    monkeypatch.setenv("DOORMAN_SENSOR__STRICT", "true")
    start = dt.datetime(2026, 5, 17, 2, tzinfo=dt.UTC)
    with database.writing() as session:
        row = {"start": start, "day": start.date(), "windows": 15, "near_most": 33}
        session.add(PresenceHour(**row, near=300, inside=9))

    text = printed("--day", "2026-05-17", "--language", "en").decode()

    assert "Strict mode" in text
    [hour] = [line.split() for line in text.splitlines() if line.startswith("10:00")]
    assert hour[1:] == ["20", "35", "–"]


def test_where_it_cannot_be_written_is_said(database, tmp_path):
    result = run("--day", "2026-05-15", "--output", str(tmp_path / "no-such-folder" / "day.txt"))

    assert result.exit_code == 1
    assert "day.txt cannot be written: No such file or directory" in result.output

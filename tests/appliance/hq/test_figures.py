import csv
import datetime as dt
import io

import pytest
from click.testing import CliRunner

from appliance.hq.command import hq
from core import settings
from tests.hq.fleet.visits import DAY, FRIDAY, event, land


@pytest.fixture(autouse=True)
def _of_our_own(tmp_path, monkeypatch):
    (tmp_path / "empty.toml").touch()
    monkeypatch.setenv("DOORMAN_CONFIG", str(tmp_path / "empty.toml"))
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DOORMAN_HQ__FLEET__WORKERS", "1")


def run(*arguments):
    return CliRunner().invoke(hq, ("figures", *arguments))


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_day_is_counted_printed_kept_and_asked_about():
    """All of it once, as starting a worker takes seconds."""
    for number, region in enumerate(("North", "North", "South")):
        land(settings.load(), region, event(f"store-{number}"))

    printed = run("day", DAY.isoformat())

    assert printed.exit_code == 0, printed.output
    assert printed.stderr == "2026-05-16: 3 store-days counted\n"
    assert [(row["region"], row["stores"], row["visitors"]) for row in table(printed.stdout)] == [
        ("*", "3", "120"),
        ("North", "2", "80"),
        ("South", "1", "40"),
    ]
    again = run("day", DAY.isoformat(), "--stores")
    assert again.stderr == "2026-05-16: 0 store-days counted\n"
    south = table(again.stdout)[-1]
    assert (south["store"], south["dwell_median_s"]) == ("store-2", south["region_dwell_median_s"])
    [chain, *_] = table(run("range", FRIDAY.isoformat(), DAY.isoformat()).stdout)
    assert chain == table(printed.stdout)[0]
    assert run("compact").stderr == "1 files less\n"  # the day is long over
    assert table(run("sql", "SELECT count(*) AS n FROM visits").stdout) == [{"n": "420"}]


def test_a_night_without_news_has_nothing_to_do():
    land(settings.load(), "North", event(day=dt.date(2020, 1, 1)))

    done = run("night")

    assert (done.exit_code, done.stderr) == (0, "0 files less\n")


def test_a_question_that_is_none_is_told_of():
    refused = run("sql", "DROP VIEW visits")

    assert refused.exit_code == 1
    assert refused.stderr == "Error: one SELECT, and nothing else\n"

import datetime as dt

import pytest
import sqlalchemy as sa

from access_log import verified
from access_log.box_clock import State, Watch
from access_log.verified import ACCESS_LOG, FLOWS, Result
from appliance import logs_check
from appliance.finding import Grade
from core import migrate, secret_file
from core.database import Database

DAY = dt.timedelta(days=1)


@pytest.fixture
def box(settings, now):
    """Its clock was off, by six seconds, and is right again."""
    settings.data_dir.mkdir()
    secret_file.load_or_create(settings.data_dir)
    database = Database(settings.database_url)
    migrate.upgrade(database)
    looks = iter([State.OFF, State.RIGHT])
    watch = Watch(lambda: (next(looks), 6.0))
    for _ in range(2):
        watch.turn(database, secret_file.open_sealer(settings.data_dir), now)
    yield database
    database.dispose()


def texts(settings, now, grade):
    found = logs_check.examine(settings, now)
    return [each.text for each in found if each.grade is grade]


@pytest.mark.usefixtures("box")
def test_a_clock_that_was_wrong_is_told_for_a_week(settings, now):
    said = "the clock was found to be wrong at 2026-05-16 06:30 UTC: so are logs before"

    assert texts(settings, now + DAY, Grade.NOTE) == [said]
    assert texts(settings, now + DAY, Grade.GOOD) == ["the access log can be written"]
    assert texts(settings, now + DAY, Grade.WRONG) == []


def test_a_log_that_cannot_be_written_is_wrong(settings, box, now):
    with box.writing() as session:
        refuse = "BEGIN SELECT RAISE(ABORT, 'full'); END"
        session.execute(sa.text(f"CREATE TRIGGER no BEFORE UPDATE ON access_head {refuse}"))

    [said] = texts(settings, now, Grade.WRONG)
    assert said.startswith("the access log cannot be written")


def test_looking_whether_it_can_be_written_writes_nothing(settings, box, now):
    def stored():
        with box.reading() as session:
            return session.execute(sa.text("SELECT * FROM access_head")).all()

    before = stored()
    list(logs_check.examine(settings, now))
    assert stored() == before


@pytest.mark.usefixtures("box")
def test_what_the_night_has_found_is_told_with_its_remedy(settings, now):
    verified.write(settings.data_dir, ACCESS_LOG, Result(now, "row 3: missing", 2, ""))
    verified.write(settings.data_dir, FLOWS, Result(now - 4 * DAY, "", 9, ""))

    wrong = [each for each in logs_check.examine(settings, now) if each.grade is Grade.WRONG]
    assert [each.text for each in wrong] == [
        "access log: row 3: missing (2026-05-16 06:30 UTC)",
        "flow log: not verified since 2026-05-12 06:30 UTC",
    ]
    assert "doorman access-log verify" in wrong[0].mend
    assert "doorman flows verify" in wrong[1].mend


def test_without_a_database_there_is_nothing_to_say(settings, now):
    assert list(logs_check.examine(settings, now)) == []

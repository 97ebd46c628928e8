import datetime as dt

import pytest

from analytics.figures import presence_report
from core.models.traffic import PresenceHour

DAY = dt.date(2026, 5, 16)
TEN = dt.datetime(2026, 5, 16, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("counted", "shown"),
    [
        pytest.param((300, 150, 31), (20, 30, 10), id="enough of everything"),
        pytest.param((60, 30, 9), (None, 10, None), id="few near"),
        pytest.param((60, 30, 4), (None, None, None), id="never more than a few"),
        pytest.param((300, 30, 31), (20, 30, None), id="few inside"),
        pytest.param((300, 270, 31), (20, 30, 20), id="few outside"),
    ],
)
def test_shows_averages_that_are_about_nobody(database, settings, counted, shown):
    near, inside, most = counted
    with database.writing() as session:
        session.add(
            PresenceHour(start=TEN, day=DAY, windows=15, near=near, inside=inside, near_most=most)
        )

    [line] = presence_report.find(database, settings, DAY)

    assert (line.near, line.near_most, line.inside) == shown
    assert line.start.hour == 10


def test_has_nothing_to_say_of_other_days(database, settings):
    assert presence_report.find(database, settings, DAY) == []

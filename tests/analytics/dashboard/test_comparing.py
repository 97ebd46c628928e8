"""How a change is said, in figures and in words."""

import zoneinfo

import pytest

from analytics import wording
from analytics.dashboard import comparing
from analytics.dashboard.parts import FOLDER
from analytics.figures.comparison import Change
from analytics.wording import Wording


@pytest.fixture(scope="module")
def say():
    return Wording(wording.load(FOLDER / "texts"), "en", zoneinfo.ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("change", "said", "verdict"),
    [
        (Change(0.12, 0.03, 0.21, 28), "+12%", "More: 12%."),
        (Change(-0.052, -0.09, -0.01, 28), "\u22125.2%", "Less: 5.2%."),
        (Change(0.12, -0.02, 0.26, 28), "+12%", "Cannot be told from chance"),
        (Change(-0.0001, -0.1, 0.1, 28), "\u00b10.0%", "Cannot be told from chance"),
        (Change(0.5, pairs=2), "+50%", "Too few pairs"),
        (Change(), "", "Nothing to compare"),
    ],
    ids=["more", "less", "perhaps more", "the same", "two days", "none"],
)
def test_a_change_is_said_with_what_chance_explains(say, change, said, verdict):
    line = comparing.told("visitors", change, None, say)

    assert line.change == said
    assert line.verdict.startswith(verdict)


def test_of_a_change_beyond_chance_it_is_said_how_far_chance_goes(say):
    line = comparing.told("visitors", Change(0.12, 0.03, 0.21, 28), None, say)

    assert "chance explains up to 9.0%" in line.verdict
    assert line.interval == "+3.0% to +21%"
    assert line.is_clear


def test_rates_change_by_points(say):
    line = comparing.told("entry_rate", Change(0.041, 0.02, 0.062, 28), (0.197, 0.156), say)

    assert (line.now, line.then, line.change) == ("19.7%", "15.6%", "+4.1 points")

import pytest

from analytics.dashboard.parts import FOLDER
from analytics.dashboard.wording import Wording
from core.texts import Texts


@pytest.fixture
def say(settings):
    return Wording(Texts.load(FOLDER / "texts"), "en", settings.store.zone)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (10_400, "10 kB"),
        (56_789_000, "57 MB"),
        (4_900_000_000, "4.9 GB"),
        (10**16, "10000 TB"),
    ],
)
def test_bytes_are_said_in_units_of_a_thousand(say, count, said):
    assert say.bytes(count) == said

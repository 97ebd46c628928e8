from pathlib import Path

import pytest

from analytics import wording
from analytics.dashboard import parts
from analytics.reports import words
from analytics.wording import Wording
from core.texts import Texts

SHARED = Path(wording.__file__).parent / "texts"
DASHBOARD = parts.FOLDER / "texts"
REPORTS = Path(words.__file__).parent / "texts"


@pytest.fixture
def say(settings):
    return Wording(wording.load(DASHBOARD), "en", settings.store.zone)


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


@pytest.mark.parametrize("folder", [DASHBOARD, REPORTS], ids=["pages", "reports"])
def test_pages_and_reports_say_alike_what_both_say(folder):
    shared, own = Texts.load(SHARED).catalogues, Texts.load(folder).catalogues
    found = wording.load(folder).catalogues

    assert set(found) == set(own)
    for language, catalogue in found.items():
        assert not shared[language].keys() & own[language].keys()
        assert catalogue == {**shared[language], **own[language]}

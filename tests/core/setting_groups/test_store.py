import pytest
from pydantic import ValidationError

from core.settings import Settings


def store(tmp_path, **values):
    return Settings(data_dir=tmp_path, store=values).store


def test_opening_hours_are_read_with_the_settings(tmp_path):
    assert store(tmp_path).hours is None
    assert store(tmp_path, opening_hours="10:00-22:00").hours.hours_on(0) == set(range(10, 22))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({"opening_hours": "PH off"}, "note in the dashboard", id="not-readable"),
        pytest.param({"opening_hours": "18:00-02:00"}, "Set day_begins", id="open-at-midnight"),
        pytest.param(
            {"opening_hours": "18:00-06:00", "day_begins": "04:00"},
            "open at 04:00",
            id="open-when-the-day-begins",
        ),
    ],
)
def test_opening_hours_that_do_not_fit_stop_the_start(tmp_path, values, said):
    with pytest.raises(ValidationError, match=said):
        store(tmp_path, **values)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"opening_hours": "18:00-03:00", "day_begins": "04:00"}, id="a-bar"),
        pytest.param({"opening_hours": "24/7"}, id="never-shut"),
    ],
)
def test_a_day_may_begin_whenever_the_store_is_shut(tmp_path, values):
    assert store(tmp_path, **values).hours is not None

import datetime as dt
import functools
import zoneinfo

import pytest

from portal import wording


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        pytest.param(0, "1 分钟", "1 min", id="nothing"),
        pytest.param(119, "1 分钟", "1 min", id="not rounded up"),
        pytest.param(3599, "59 分钟", "59 min", id="minutes"),
        pytest.param(3600, "1 小时", "1 h", id="whole hours"),
        pytest.param(3 * 3600 + 61, "3 小时 1 分钟", "3 h 1 min", id="both"),
        pytest.param(7 * 86_400, "168 小时", "168 h", id="a week"),
    ],
)
def test_a_span_is_said_in_hours_and_minutes(texts, seconds, zh, en):
    span = dt.timedelta(seconds=seconds)

    assert wording.span(functools.partial(texts.text, "zh"), span) == zh
    assert wording.span(functools.partial(texts.text, "en"), span) == en


@pytest.mark.parametrize(
    ("language", "tomorrow"),
    [
        ("zh", "3月6日 00:05"),
        ("zh-TW", "3月6日 00:05"),
        ("en", "6 Mar 00:05"),
        ("ja", "3月6日 00:05"),
        ("ko", "3월 6일 00:05"),
    ],
)
def test_a_time_of_another_day_is_said_with_its_day(language, tomorrow):
    now = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
    shanghai = zoneinfo.ZoneInfo("Asia/Shanghai")

    today = dt.datetime(2026, 3, 5, 15, 59, tzinfo=dt.UTC)
    assert wording.clock(language, today, now, shanghai) == "23:59"
    later = dt.datetime(2026, 3, 5, 16, 5, tzinfo=dt.UTC)
    assert wording.clock(language, later, now, shanghai) == tomorrow


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 kB"),
        (999_999, "999 kB"),
        (1_000_000, "1 MB"),
        (999_999_999, "999 MB"),
        (1_990_000_000, "1.9 GB"),
        (25_000_000_000, "25.0 GB"),
    ],
)
def test_an_amount_is_never_said_to_be_more_than_it_is(count, said):
    assert wording.data(count) == said

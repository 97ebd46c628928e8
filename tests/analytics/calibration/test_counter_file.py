"""A door counter's file: read whole, or refused whole with each bad line named."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.calibration import counter_file
from analytics.calibration.counter_file import BadLine, Fault

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 5, 16, 12, tzinfo=dt.UTC)
GOOD = "2026-05-16 10:00,2026-05-16 11:00,34,210"


def read(*lines, header="start,end,entered,passed"):
    return counter_file.read("\n".join((header, *lines)), SHANGHAI, NOW)


def only_span(*lines, **more):
    spans, bad = read(*lines, **more)
    assert bad == []
    return spans[0]


def test_a_line_is_a_span_on_the_stores_clock():
    span = only_span(GOOD)

    assert span.begun_at == dt.datetime(2026, 5, 16, 2, tzinfo=dt.UTC)
    assert span.ended_at == dt.datetime(2026, 5, 16, 3, tzinfo=dt.UTC)
    assert (span.entered, span.passed) == (34, 210)


@pytest.mark.parametrize(
    ("line", "header"),
    [
        pytest.param("2026-05-16 10:00,2026-05-16 11:00,34,", None, id="passed left empty"),
        pytest.param("2026-05-16 10:00,2026-05-16 11:00,34", "start,end,entered", id="no column"),
        pytest.param("2026/5/16 10:00;2026/5/16 11:00;34", "Start;End;Entered", id="spreadsheet"),
        pytest.param("2026-05-16T10:00:00,2026-05-16T11:00:00,34,", None, id="ISO 8601"),
        pytest.param("2024-06-01 10:00,2024-06-01 11:00,34,", None, id="nearly two years ago"),
        pytest.param("2026-05-16T02:00Z,2026-05-16T03:00+00:00,34,", None, id="own zones"),
        pytest.param('"2026-05-16 10:00", "2026-05-16 11:00", 34,', None, id="quotes, blanks"),
    ],
)
def test_it_may_be_written_in_several_ways(line, header):
    span = only_span(line, **({"header": header} if header else {}))

    assert (span.begun_at.hour, span.ended_at.hour) == (2, 3)
    assert (span.entered, span.passed) == (34, None)


def test_a_byte_order_mark_and_empty_lines_do_no_harm():
    spans, bad = counter_file.read(
        f"\ufeffstart,end,entered,passed\r\n\r\n{GOOD}\r\n,,,\r\n", SHANGHAI, NOW
    )

    assert (len(spans), bad) == (1, [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2026-05-16 10:00,2026-05-16 11:00,34", Fault.COLUMNS),
        ("2026-05-16 10:00,2026-05-16 11:00,34,2,9", Fault.COLUMNS),
        ("x" * 200_000, Fault.COLUMNS),
        ("16/05/2026 10:00,2026-05-16 11:00,34,", Fault.TIME),
        ("2026-02-30 10:00,2026-05-16 11:00,34,", Fault.TIME),
        ("2026-05-16 10:00 CST,2026-05-16 11:00,34,", Fault.TIME),
        ("0000-05-16 10:00,2026-05-16 11:00,34,", Fault.TIME),
        ("2026-05-16 11:00,2026-05-16 10:00,34,", Fault.ORDER),
        ("2026-05-14 10:00,2026-05-16 10:00,34,", Fault.ORDER),
        ("2026-05-16 19:30,2026-05-16 20:30,34,", Fault.FUTURE),
        ("0001-01-05 10:00,0001-01-05 11:00,34,", Fault.OLD),
        ("2024-05-16 10:00,2024-05-16 11:00,34,", Fault.OLD),
        ("2026-05-16 10:00,2026-05-16 11:00,-1,", Fault.COUNT),
        ("2026-05-16 10:00,2026-05-16 11:00,3.5,", Fault.COUNT),
        ("2026-05-16 10:00,2026-05-16 11:00,,", Fault.COUNT),
        ("2026-05-16 10:00,2026-05-16 11:00,٣,", Fault.COUNT),
        ("2026-05-16 10:00,2026-05-16 11:00,3,many", Fault.COUNT),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(line, fault):
    before = "2026-05-15 10:00,2026-05-15 11:00,34,"

    assert read(before, line)[1] == [BadLine(3, fault)]


def test_every_bad_line_is_named():
    _, bad = read("x,y,z,", GOOD, "2026-05-16 12:00,2026-05-16 13:00,a,")

    assert [each.line for each in bad] == [2, 4]


def test_lines_that_overlap_are_named_and_those_that_touch_are_not():
    _, bad = read(
        GOOD,
        "2026-05-16 11:00,2026-05-16 12:00,3,",
        "2026-05-16 10:30,2026-05-16 10:40,3,",
        "2026-05-16 11:30,2026-05-16 12:30,3,",
    )

    assert bad == [BadLine(4, Fault.OVERLAP), BadLine(5, Fault.OVERLAP)]


def test_what_is_there_already_is_not_loaded_twice():
    spans, _ = read(GOOD)
    at = dt.datetime(2026, 5, 16, 2, 30, tzinfo=dt.UTC)
    there = [(at, at + dt.timedelta(hours=3))]

    assert counter_file.overlapping(spans, there) == [BadLine(2, Fault.OVERLAP)]
    assert counter_file.overlapping(spans, [(spans[0].ended_at, NOW)]) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("", Fault.EMPTY, id="nothing"),
        pytest.param("start,end,entered\n", Fault.EMPTY, id="header alone"),
        pytest.param("from,to,count\n1,2,3", Fault.HEADER, id="other columns"),
        pytest.param(GOOD, Fault.HEADER, id="no header"),
        pytest.param("start,end,entered,passed\n" + "a,b,c,d\n" * 3001, Fault.TOO_LONG, id="long"),
    ],
)
def test_a_file_that_is_none_is_refused_at_once(text, fault):
    spans, bad = counter_file.read(text, SHANGHAI, NOW)

    assert (spans, [each.fault for each in bad]) == ([], [fault])


@given(st.text(max_size=200), st.booleans())
def test_no_file_makes_it_fall_over(text, has_header):
    head = "start,end,entered,passed\n" if has_header else ""
    spans, bad = counter_file.read(head + text, SHANGHAI, NOW)

    assert spans or bad

"""The tables behind a report, as they are and read back from each kind of file."""

import csv
import datetime as dt
import io

import openpyxl
import pytest

from analytics.figures import csv_table, period_report
from analytics.figures import report as reports
from analytics.reports import tables, words, workbook
from analytics.reports.period import Period
from tests.analytics.reports.conftest import HOURS, NASTY, SILENT, WEEK

APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 4, 30))


def read_csv(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def read_workbook(made):
    return {
        sheet.title: list(sheet.iter_rows()) for sheet in openpyxl.load_workbook(io.BytesIO(made))
    }


@pytest.fixture
def find(weeks, settings):
    return lambda name, period=WEEK: tables.find(name, weeks, settings, period)


def rows_of(table):
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_days_are_those_of_the_report(find, weeks, settings):
    found = rows_of(find("days"))
    expected = period_report.find(weeks, settings, WEEK.first, WEEK.last).days

    assert [row["day"] for row in found] == [each.day for each in expected]
    assert SILENT not in [row["day"] for row in found]
    assert [row["visitors"] for row in found] == [each.visitors.value for each in expected]
    assert [row["entry_rate_high"] for row in found] == [each.entry_rate.high for each in expected]


def test_what_is_withheld_has_no_value_and_is_named(find, weeks, settings):
    eleven = [row for row in rows_of(find("hours")) if row["start"].hour == 11]
    shown = reports.find(weeks, settings, WEEK.first).hours

    assert len(find("hours").rows) == 6 * len(HOURS)
    assert {row["visitors"] for row in eleven} == {None}
    assert all("visitors" in row["withheld"].split() for row in eleven)
    assert [row["visitors"] for row in rows_of(find("hours"))][: len(HOURS)] == [
        each.visitors for each in shown
    ]


def test_new_members_are_told_for_whole_months(find):
    assert find("enrolments").rows == ()
    assert [row["members"] for row in rows_of(find("enrolments", APRIL))] == [140, 100, 240]


def test_hours_of_many_days_are_left_to_a_table_of_their_own(weeks, settings):
    long = Period(dt.date(2026, 1, 1), dt.date(2026, 5, 15))

    assert [each.name for each in tables.find_all(weeks, settings, WEEK)] == list(tables.NAMES)
    assert "hours" not in [each.name for each in tables.find_all(weeks, settings, long)]
    assert tables.find("hours", weeks, settings, long).rows


def test_who_may_not_see_logins_gets_no_table_of_them(weeks, settings):
    found = tables.find_all(weeks, settings, APRIL, with_logins=False)

    assert {each.name for each in found} == set(tables.NAMES) - tables.OF_LOGINS


@pytest.mark.parametrize("name", tables.NAMES)
def test_csv_reads_back_as_it_was(find, name):
    table = find(name, APRIL)
    text = csv_table.write(table.columns, table.rows)
    head, *lines = read_csv(text)

    assert text.count("\r\n") == text.count("\n") == len(table.rows) + 1
    assert tuple(head) == table.columns
    for line, row in zip(lines, table.rows, strict=True):
        for cell, value in zip(line, row, strict=True):
            assert cell.removeprefix("'") == ("" if value is None else _written(value))


def _written(value):
    return value.isoformat() if isinstance(value, dt.date) else str(value)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_workbook_has_a_sheet_for_each_table(weeks, settings, language):
    found = tables.find_all(weeks, settings, APRIL)
    say = words.load(settings, language)
    sheets = read_workbook(workbook.write(found, say))

    assert list(sheets) == [say.text(f"sheet.{each.name}") for each in found]
    for table, rows in zip(found, sheets.values(), strict=True):
        assert len(rows) == len(table.rows) + 1
        columns = [name for name in table.columns if name != tables.WITHHELD]
        assert [cell.value for cell in rows[0]] == [say.text(f"column.{name}") for name in columns]


def test_figures_in_a_workbook_are_numbers_and_days_are_days(weeks, settings):
    found = tables.find_all(weeks, settings, WEEK)
    sheets = read_workbook(workbook.write(found, words.load(settings, "en")))
    [expected, *_] = rows_of(found[1])
    head, first, *_ = sheets["Days"]
    cells = dict(zip((cell.value for cell in head), first, strict=True))

    assert cells["Day"].value.date() == expected["day"]
    assert cells["Visitors"].value == expected["visitors"]
    assert cells["Entry rate"].value == expected["entry_rate"]
    assert cells["Entry rate"].number_format == "0.0%"
    assert cells["Time inside, median (min)"].value == expected["dwell_median_s"] / 60
    assert cells["Inside over 6 h"].value == words.NOT_SHOWN
    hours = [row[1].value.hour for row in sheets["Hours"][1:6]]
    assert hours == list(HOURS), "on the store's clock"


def test_no_text_is_a_formula_in_a_workbook(weeks, settings):
    found = tables.find_all(weeks, settings, APRIL)
    sheets = read_workbook(workbook.write(found, words.load(settings, "en")))
    cells = [cell for rows in sheets.values() for row in rows for cell in row]

    assert [cell.data_type for cell in cells if cell.value == NASTY] == ["s"]
    assert "f" not in {cell.data_type for cell in cells}
    assert not any(cell.hyperlink for cell in cells)

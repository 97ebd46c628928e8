import csv
import io

import pytest

from analytics.figures import csv_table


def read(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(begin):
    [head, [text, number]] = read(csv_table.write(("text", "number"), [(f"{begin}1+1", -1.5)]))

    assert head == ["text", "number"]
    assert text == f"'{begin}1+1"
    assert number == "-1.5"


def test_what_is_withheld_is_an_empty_cell():
    assert csv_table.write(("day", "visitors"), [("x", None)]) == "day,visitors\r\nx,\r\n"


def test_a_byte_order_mark_only_where_it_is_wanted():
    assert csv_table.write(("a",), [], bom=True).encode().startswith(b"\xef\xbb\xbf")
    assert not csv_table.write(("a",), []).startswith(csv_table.BOM)

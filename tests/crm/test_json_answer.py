import pytest

from crm import json_answer
from crm.shape import TemporaryCrmError


def test_what_is_of_the_agreed_form_is_given_back():
    assert json_answer.record({"a": 1}) == {"a": 1}
    assert json_answer.rows([{"a": 1}, {}]) == [{"a": 1}, {}]
    assert json_answer.text({"a": "b"}, "a") == "b"


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (json_answer.record, None),
        (json_answer.record, []),
        (json_answer.rows, {}),
        (json_answer.rows, ["a"]),
        (lambda row: json_answer.text(row, "a"), {}),
        (lambda row: json_answer.text(row, "a"), {"a": ""}),
        (lambda row: json_answer.text(row, "a"), {"a": 7}),
    ],
)
def test_anything_else_is_no_answer_at_all(read, value):
    with pytest.raises(TemporaryCrmError, match="unreadable_answer"):
        read(value)

import pytest

from core.long_lists import cut, filled


def test_a_list_is_cut_into_hundreds_and_nothing_is_lost():
    assert [len(some) for some in cut(range(205))] == [100, 100, 5]
    assert [each for some in cut(range(205)) for each in some] == list(range(205))
    assert list(cut(())) == []


@pytest.mark.parametrize(
    ("count", "length"), [(0, 1), (1, 1), (2, 10), (10, 10), (11, 100), (100, 100)]
)
def test_lists_are_filled_up_to_a_few_lengths_with_nothing_new(count, length):
    values = set(range(count))

    assert len(filled(values)) == (length if values else 0)
    assert set(filled(values)) == values

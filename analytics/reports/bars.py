"""Bars as long as their counts, beside the largest."""

from collections.abc import Iterable

from analytics.reports import words
from analytics.reports.document import Bar, Bars
from analytics.wording import Wording


def of_counts(
    say: Wording, head: str, value_head: str, counts: Iterable[tuple[str, int | None, str]]
) -> Bars:
    """One bar for each label and count; what is said besides the count comes last."""
    lines = list(counts)
    longest = max((count for _, count, _ in lines if count is not None), default=0) or 1
    return Bars(
        head,
        value_head,
        tuple(
            Bar(label, words.count(say, count) + more, None if count is None else count / longest)
            for label, count, more in lines
        ),
    )

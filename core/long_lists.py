"""Long lists for `IN (…)`, cut and filled up so that they make few statements.

SQLite's driver keeps the last 128 statements of each connection ready, a list of each length is
a statement of its own, and a value takes some 250 bytes in it: a program that asks in each turn
about all phones of a day, one more each time, would grow with them for as long as it runs.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

MOST = 100
_LENGTHS = (1, 10, MOST)

_T = TypeVar("_T")


def cut(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Lists of `MOST` values; fewer in the last."""
    each = iter(values)
    while some := list(itertools.islice(each, MOST)):
        yield some


def filled(values: Collection[_T]) -> list[_T]:
    """At most `MOST` values, one of them again and again, up to a length that others have too."""
    listed = list(values)
    length = next(each for each in _LENGTHS if each >= len(listed))
    return listed + listed[-1:] * (length - len(listed))

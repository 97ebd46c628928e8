"""Disclosure control: which figures may be seen. Whatever shows or sends figures asks here.

A count of two, or a share of three, can tell about a single person to those who know that
she was there. So a count below `k` (the setting `traffic.suppress_below`) is withheld,
zero included: a live page on which 0 turned into "withheld" would tell when somebody came.
A withheld count must not come back by arithmetic either. There are two rules for that.

What the sensor estimates is *rounded*, each count by itself, to a multiple of `k`: nothing
is lost, for it is unsure by far more. A total is not told by its parts then, nor a part by the
total and the others, nor what came between two looks by their difference; but for rare
cases in which all parts lie at an end of what they may be, and there the total is moved to
the next multiple (`rounded_total`). What is shown of a range of days, compared, or divided is
computed from what was rounded, and from nothing else.

What the portal measures is shown as it is. With the total and all other parts in view, the
rest is the withheld parts' sum; so that sum must hide in at least two parts and be no small
count itself. Until it does, the next smallest part goes as well. Nobody is disclosed by a
sum of zero: that nobody logged in all night may be seen.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

# One withheld part would be the difference of the total and the others.
_FEWEST_WITHHELD = 2


class Possible(NamedTuple):
    """What a count may be, to those who see all that is shown of it."""

    low: int
    high: int


def rounded(count: int, k: int) -> int | None:
    """The multiple of `k` next to an estimated count; None if the count is withheld."""
    return None if count < k else (count + k // 2) // k * k


@functools.lru_cache(maxsize=4096)
def possible(shown: int | None, k: int) -> Possible:
    """The counts that `rounded` shows as this."""
    if shown is None:
        return Possible(0, k - 1)
    return Possible(max(k, shown - k // 2), shown - k // 2 + k - 1)


def rounded_total(total: int, parts: Sequence[int], k: int) -> int | None:
    """A total beside its parts, each of which is shown rounded.

    The least and the most that the parts may come to are reached in one way only, so these
    two sums are shown as their neighbour's would be.
    """
    if len(parts) < _FEWEST_WITHHELD:
        return rounded(total, k)
    least, most = _sum([rounded(part, k) for part in parts], k)
    if least <= total <= most:
        total = min(max(total, least + 1), most - 1)
    return rounded(total, k)


def rounded_parts(
    counts: Sequence[int], total: int | None, others: Sequence[int | None], k: int
) -> list[int | None]:
    """Parts of a total that is shown already, and other parts of it with it.

    If these parts' least or most would be all that the total may be, the largest of them is
    shown as one multiple more or less.

    Args:
        counts: the parts.
        total: as it is shown.
        others: another division of the same total, as it is shown.
        k: what is smaller is withheld.
    """
    if len(counts) < _FEWEST_WITHHELD:
        return [total for _ in counts]
    shown = [rounded(count, k) for count in counts]
    room = possible(total, k)
    least, most = _sum(shown, k)
    if most < room.low - k or least > room.high + k:
        return shown  # whatever they are, they do not divide that total
    if len(others) >= _FEWEST_WITHHELD:
        least, most = _sum(others, k)
        room = Possible(max(room.low, least + 1), min(room.high, most - 1))
    largest = max(range(len(shown)), key=lambda part: shown[part] or 0)
    for steps in (0, -1, 1, -2, 2):
        moved = list(shown)
        moved[largest] = max((shown[largest] or 0) + steps * k, 0) or None
        least, most = _sum(moved, k)
        if max(room.low, least + 1) <= min(room.high, most - 1):
            return moved
    return [None] * len(counts)


def rounded_part(count: int, whole: int | None, k: int) -> int | None:
    """A count that is part of another one, shown beside it, with the rest not shown."""
    part = rounded(count, k)
    return None if part is None or whole is None else min(part, whole)


def rounded_sum(shown: Sequence[int | None], k: int) -> int | None:
    """The sum of rounded counts, None if most are withheld.

    Those that are withheld count as the middle of what they may be: without them, a sum of
    quiet hours would be too low, and their mean too high.
    """
    known = [count for count in shown if count is not None]
    if 2 * len(known) <= len(shown):
        return None
    return round(sum(known) + (len(shown) - len(known)) * (k - 1) / 2)


def rounded_mean(shown: Sequence[int | None], k: int) -> int | None:
    """The mean of rounded counts; None if most are withheld, or it is small."""
    total = rounded_sum(shown, k)
    mean = 0 if total is None else round(total / len(shown))
    return mean if mean >= k else None


def shown(count: int, k: int) -> int | None:
    """The count, or None if it is withheld."""
    return count if count >= k else None


def shown_parts(counts: Sequence[int], k: int) -> list[int | None]:
    """The parts of a total that is shown beside them, None for those withheld."""
    smallest_first = sorted(range(len(counts)), key=counts.__getitem__)
    withheld: list[int] = []
    for part in smallest_first:
        total = sum(counts[each] for each in withheld)
        safe = not withheld or (len(withheld) >= _FEWEST_WITHHELD and not 0 < total < k)
        if counts[part] >= k and safe:
            break
        withheld.append(part)
    return [None if part in withheld else count for part, count in enumerate(counts)]


def shown_chain(counts: Sequence[int], k: int) -> list[int | None]:
    """Counts of which each is a part of the one before, None for those withheld.

    The difference of two that are shown is a count as well: of those who came so far and no
    further. None is below `k`, so neither is any sum of them.
    """
    shown: list[int | None] = []
    last: int | None = None
    for count in counts:
        is_shown = count >= k and (last is None or last - count >= k)
        shown.append(count if is_shown else None)
        last = count if is_shown else last
    return shown


def ratio_is_shown(part: int, rest: int, k: int) -> bool:
    """Whether part / (part + rest) may be seen: with one of the two, it tells the other."""
    return part >= k and rest >= k


def _sum(shown: Sequence[int | None], k: int) -> Possible:
    """What the counts behind `shown` may come to."""
    each = [possible(count, k) for count in shown]
    return Possible(sum(one.low for one in each), sum(one.high for one in each))

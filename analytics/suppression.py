"""Disclosure control: which figures may be seen. Whatever shows or sends figures asks here.

A count of two, or a share of three, can tell about a single person to those who know that
she was there. So a count below `k` (the setting `traffic.suppress_below`) is withheld,
zero included: a live page on which 0 turned into "withheld" would tell when somebody came.

A withheld count must not come back by arithmetic either. With the total and all other
parts in view, the rest is the withheld parts' sum; so that sum must hide in at least two
parts and be no small count itself. Until it does, the next smallest part goes as well.
Nobody is disclosed by a sum of zero: that the store was empty all night may be seen.
"""

from collections.abc import Sequence

# One withheld part would be the difference of the total and the others.
_FEWEST_WITHHELD = 2


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


def shown_mean(shown: Sequence[int | None], k: int) -> int | None:
    """The mean of counts of which some may be withheld; None if most are, or it is small."""
    known = [count for count in shown if count is not None]
    if 2 * len(known) <= len(shown):
        return None
    withheld = (len(shown) - len(known)) * (k - 1) / 2
    mean = round((sum(known) + withheld) / len(shown))
    return mean if mean >= k else None


def ratio_is_shown(part: int, rest: int, k: int) -> bool:
    """Whether part / (part + rest) may be seen: with one of the two, it tells the other."""
    return part >= k and rest >= k

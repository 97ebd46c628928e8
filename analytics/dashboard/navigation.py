"""Where the bar at the top and the list at the foot of each page lead. No Flask."""

import dataclasses
from collections.abc import Callable, Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    name: str
    pages: tuple[str, ...]
    """Those that somebody may see, never none."""
    is_here: bool
    """Whether the present page is one of them."""


def groups(
    pages_of: Mapping[str, tuple[str, ...]], may_open: Callable[[str], bool], here: str | None
) -> list[Group]:
    """The groups of which somebody may open a page.

    Args:
        pages_of: all pages, by group.
        may_open: whether somebody may open the page of this name, and there is one.
        here: the page they are on, the view's own or the one it is part of.
    """
    found = []
    for name, pages in pages_of.items():
        open_to_them = tuple(page for page in pages if may_open(page))
        if open_to_them:
            found.append(Group(name, open_to_them, here in open_to_them))
    return found

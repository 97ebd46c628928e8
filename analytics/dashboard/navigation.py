"""Where the bar at the top and the list at the foot of each page lead. No Flask."""

import dataclasses
from collections.abc import Callable

GROUPS = {
    "figures_of": ("today", "history", "funnel", "calibration", "reports", "figures"),
    "shoppers": ("members", "campaigns", "online", "guests", "vouchers"),
    "appliance": ("sensor", "status", "tokens", "audit"),
}
"""Pages by group; their texts are `navigation.<name>`, their views `<name>.page`."""

_PART_OF = {
    "traffic": "today",
    "heat": "history",
    "notes": "history",
    "walks": "calibration",
    "counting": "calibration",
    "sources": "campaigns",
    "coupons": "campaigns",
    "surveys": "campaigns",
    "groups": "campaigns",
    "sign": "status",
}
"""Views without a place of their own, and the page that they belong to."""


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    name: str
    pages: tuple[str, ...]
    """Those that somebody may see, never none."""
    is_here: bool
    """Whether the present page is one of them."""


def groups(may_open: Callable[[str], bool], here: str | None) -> list[Group]:
    """The groups of which somebody may open a page.

    Args:
        may_open: whether somebody may open the page of this name, and there is one.
        here: the page they are on, as `page_of` has it.
    """
    found = []
    for name, pages in GROUPS.items():
        open_to_them = tuple(page for page in pages if may_open(page))
        if open_to_them:
            found.append(Group(name, open_to_them, here in open_to_them))
    return found


def page_of(blueprint: str | None) -> str | None:
    """The page that a view belongs to."""
    return _PART_OF.get(blueprint or "", blueprint)

"""Gives memory back that a program used to load itself, and keeps the rest from being gone through.

For programs that stay for months on a box of 1 GiB: docs/operations/budget.md.
"""

import ctypes
import gc

# <malloc.h>
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE = 64 * 1024


def give_back() -> None:
    """To be called once, when all is loaded, and before workers are forked.

    A collector that went through what is loaded would find nothing in it, and write into
    every page: workers would then share none of them any longer.
    """
    gc.collect()
    gc.freeze()
    trim()


def trim() -> None:
    """Give back what is free between what is not, which the C library keeps.

    And what nothing refers to but itself: Python looks for that seldom where little is made.
    """
    gc.collect()
    _call("malloc_trim", 0)


def take_turns() -> None:
    """For threads that seldom work side by side: what one has freed is for the next one to take.

    Else each keeps the most that it ever took. To be called before they are begun.
    """
    _call("mallopt", _M_ARENA_MAX, 2)


def set_large_apart() -> None:
    """What is large gets pages of its own, which go back the moment that it is freed.

    The C library does so until the first of them is freed, and from then on takes whatever is no
    larger from among the rest. What a turn reckons with for a moment, more as a day grows longer,
    would leave holes there between what stays.
    """
    _call("mallopt", _M_MMAP_THRESHOLD, _LARGE)


def _call(name: str, *values: int) -> None:
    # Another C library than glibc may have no such call.
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*values)

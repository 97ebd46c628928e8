"""Gives memory back that a program used to load itself, and keeps the rest from being gone through.

For programs that stay for months on a box of 1 GiB: docs/operations/budget.md.
"""

import ctypes
import gc


def give_back() -> None:
    """To be called once, when all is loaded, and before workers are forked.

    A collector that went through what is loaded would find nothing in it, and write into
    every page: workers would then share none of them any longer.
    """
    gc.collect()
    gc.freeze()
    # glibc keeps what is free between what is not; another C library may have no such call.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

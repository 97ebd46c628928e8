import gc
import subprocess
import sys
import weakref

import pytest

from core import spare_memory


def test_what_is_loaded_is_left_alone_by_the_collector():
    before = gc.get_freeze_count()
    try:
        spare_memory.give_back()
        frozen = gc.get_freeze_count()
    finally:
        gc.unfreeze()

    assert frozen > before


class Link:
    """Refers to itself."""

    def __init__(self):
        self.self = self


@pytest.fixture
def _no_collector():
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
def test_what_refers_to_itself_alone_is_given_back():
    gone = weakref.ref(Link())
    assert gone() is not None

    spare_memory.trim()

    assert gone() is None


_TAKEN_APART = """
import ctypes
from core import spare_memory

# mallinfo2 (<malloc.h>), whose fifth is how much has pages of its own.
class Info(ctypes.Structure):
    _fields_ = [(f"of_{number}", ctypes.c_size_t) for number in range(10)]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]

def apart():
    before = libc.mallinfo2().of_4
    place = libc.malloc(ctypes.c_size_t(1_000_000))
    taken = libc.mallinfo2().of_4 - before
    libc.free(place)
    return taken >= 1_000_000

if {is_set}:
    spare_memory.set_large_apart()
print([apart() for _ in range(3)])
"""


@pytest.mark.parametrize(
    ("is_set", "expected"), [(True, [True, True, True]), (False, [True, False, False])]
)
def test_what_is_large_has_pages_of_its_own_and_not_only_the_first_time(is_set, expected):
    script = _TAKEN_APART.replace("{is_set}", str(is_set))
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert told.stdout.decode().strip() == str(expected)

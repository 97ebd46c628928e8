import gc
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

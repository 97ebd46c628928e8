import gc

from core import spare_memory


def test_what_is_loaded_is_left_alone_by_the_collector():
    before = gc.get_freeze_count()
    try:
        spare_memory.give_back()
        frozen = gc.get_freeze_count()
    finally:
        gc.unfreeze()

    assert frozen > before

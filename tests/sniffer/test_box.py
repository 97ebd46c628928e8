import itertools

from core import sightings
from core.sightings import Sighting
from sniffer.box import sensor as of_box
from sniffer.source import Batch, Tick
from tests.conftest import NOON


def test_what_other_sensors_heard_is_written_as_often_as_it_was_told(settings):
    told = settings.model_copy(
        update={"sensor": settings.sensor.model_copy(update={"write_every_s": 5})}
    )
    is_written = []

    def source():
        yield Batch(
            [(Sighting(int(NOON.timestamp()) * 1_000_000, 7, 5, True, -70, 11, "corner"), 1)]
        )
        for _ in range(2):
            yield from [Tick()] * 3
            is_written.append(bool(sightings.days_in(settings.sightings_dir)))

    # It looks at the clock at least once for each item.
    seconds = itertools.count(0, 0.7)
    of_box(told, monotonic=lambda: next(seconds)).run(source(), lambda: False)

    assert is_written == [False, True]

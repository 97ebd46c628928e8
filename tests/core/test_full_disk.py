"""A disk that is full costs what comes then, nothing that was there; with room, all goes on."""

import os

import pytest
import sqlalchemy as sa

from core import migrate, sightings
from core.database import Database
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType, add
from core.sightings import Sighting
from sniffer.recorder import Recorder
from tests.conftest import NOON
from tests.disk import Disk

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot mount a disk")


@pytest.fixture
def disk(tmp_path):
    with Disk(tmp_path / "disk", 16) as disk:
        yield disk


@pytest.fixture
def full(disk):
    """Fills it; called again, makes room."""
    filler = disk.place / "filler"

    def switch():
        if filler.exists():
            filler.unlink()
            return
        with filler.open("wb") as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
                file.flush()

    return switch


@pytest.fixture
def store(disk, sealer):
    database = Database(f"sqlite:///{disk.place / 'doorman.sqlite'}")
    migrate.upgrade(database)
    yield Store(database, sealer)
    database.dispose()


class Store:
    def __init__(self, database, sealer):
        self.database, self.sealer = database, sealer

    def write(self, count):
        """So many events, of 4 KiB each, a transaction each."""
        for _ in range(count):
            with self.database.writing() as session:
                data = {"filler": os.urandom(2048).hex()}
                add(session, self.sealer, EventType.CAMPAIGN_CLICK, subject="", data=data, now=NOON)

    def kept(self):
        with self.database.reading() as session:
            assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
            return session.scalar(sa.select(sa.func.count()).select_from(OutboxEvent))


def test_the_database_refuses_what_it_cannot_keep_and_goes_on_with_room(store, full):
    store.write(3)
    full()
    with pytest.raises(sa.exc.OperationalError, match="full"):
        store.write(2000)

    before = store.kept()
    assert before >= 3, "what was committed can still be read"
    with pytest.raises(sa.exc.OperationalError, match="full"):
        store.write(1)

    full()
    store.write(1)
    assert store.kept() == before + 1


def test_sightings_wait_for_room(disk, full, settings):
    recorder = Recorder(disk.place / "sightings", settings.store.zone)
    day = settings.today(NOON)
    recorder.turn_to(day)
    recorder.flush()
    full()
    for number in range(5000):
        recorder.add(Sighting(number, number, 1, True, -60, 2412, "mon0"))
    recorder.flush()

    full()
    recorder.flush()

    with sightings.reading(disk.place / "sightings", day) as connection:
        assert connection.execute("SELECT COUNT(*) FROM sightings").fetchone() == (5000,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    recorder.close()

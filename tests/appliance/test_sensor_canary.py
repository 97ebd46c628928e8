"""Canaries fly through the whole program, as it runs in a store; then all it has is searched."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from analytics import rollup
from analytics.figures import report
from appliance.estimate import estimate
from core import clock, outbox, sightings
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent
from core.settings import Settings
from sniffer.box import sensor as of_box
from sniffer.frames import LINK_RADIOTAP, Frame
from tests.conftest import NOON
from tests.lab.namespace import Namespace
from tests.sniffer import canary
from tests.sniffer.air import on_air
from tests.sniffer.capture_octets import pcap, record
from tests.sniffer.octets import probe_request

PATIENCE_S = 30
ORDINARY = 40


def memory_of(pid):
    """All that a process has written to its memory; without what is empty."""
    folder = Path(f"/proc/{pid}")
    spans = [line.split()[:2] for line in (folder / "maps").read_text().splitlines()]
    with (folder / "mem").open("rb", buffering=0) as memory:
        for begin, end in (span.split("-") for span, rights in spans if "rw" in rights):
            memory.seek(int(begin, 16))
            yield memory.read(int(end, 16) - int(begin, 16)).replace(bytes(4096), b"")


class Store:
    """A box in a folder, whose sensor is running."""

    def __init__(self, folder, *, strict):
        self.folder = folder
        self.log = folder / "log"
        (folder / "tmp").mkdir()
        self.settings = Settings(data_dir=folder / "data", sensor={"strict": strict})
        self.environment = {
            **os.environ,
            "DOORMAN_DATA_DIR": str(folder / "data"),
            "DOORMAN_SENSOR__INTERFACES": '["mon0"]',
            "DOORMAN_SENSOR__STRICT": str(strict),
            "DOORMAN_SENSOR__WRITE_EVERY_S": "1",
            "DOORMAN_LOG_LEVEL": "debug",
            "TMPDIR": str(folder / "tmp"),
            "SQLITE_TMPDIR": str(folder / "tmp"),
        }

    def today(self):
        return self.settings.today(clock.now())

    def tallies(self):
        try:
            with sightings.reading(self.settings.sightings_dir, self.today()) as connection:
                return dict(connection.execute("SELECT name, value FROM tallies"))
        except (FileNotFoundError, sqlite3.OperationalError):
            # The sensor is about to make it.
            return {}

    def wait_for(self, frames):
        deadline = time.monotonic() + PATIENCE_S
        while self.tallies().get("frames", 0) < frames:
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)


@pytest.fixture(params=[False, True], ids=["usual", "strict"])
def store(request, tmp_path):
    """Has heard the canaries and some phones more, and listens on."""
    if os.geteuid():
        pytest.skip("not root: cannot make a network namespace")
    store = Store(tmp_path, strict=request.param)
    with Namespace(f"canary-{os.getpid()}") as namespace, on_air(namespace, "mon0") as radio:
        command = [sys.executable, "-m", "appliance", "sensor"]
        store.process = namespace.start(command, store.log, store.environment)
        deadline = time.monotonic() + PATIENCE_S
        while "interface hears" not in store.log.read_text():
            assert time.monotonic() < deadline, store.log.read_text()
            # Until it listens, this is heard by nobody.
            radio.play(probe_request(sender=bytes.fromhex("020000000001")))
            time.sleep(0.1)
        before = store.tallies().get("frames", 0)
        radio.play(*canary.FRAMES)
        radio.play(*(probe_request(sender=bytes([2, 0, 0, 0, 1, n])) for n in range(ORDINARY)))
        store.wait_for(before + len(canary.FRAMES) + ORDINARY)
        yield store


@pytest.mark.lab
def test_nothing_of_a_phone_is_anywhere_while_the_sensor_runs(store):
    searched = 0
    for content in memory_of(store.process.pid):
        assert canary.found_in(content) == []
        searched += len(content)

    assert searched > 5 << 20
    assert store.process.poll() is None
    assert canary.found_under(store.folder) == {}


@pytest.mark.lab
def test_the_search_of_memory_would_find_them():
    listen = "sys.stdin.readline()"
    code = f"import sys; kept = bytes.fromhex({listen}); print(flush=True); {listen}"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write(canary.ADDRESS[:3].hex() + " " + canary.ADDRESS[3:].hex() + "\n")
        process.stdin.flush()
        process.stdout.readline()
        found = [each for content in memory_of(process.pid) for each in canary.found_in(content)]
        process.stdin.close()

    assert (canary.ADDRESS, canary.ADDRESS) in found


def test_an_estimate_tells_nothing_of_a_phone(tmp_path, capfd):
    capture, made = tmp_path / "capture.pcap", tmp_path / "made"
    capture.write_bytes(pcap("<", *(record("<", each) for each in canary.FRAMES)))
    made.mkdir()
    arguments = [str(capture), "--json", "--assignments", str(made / "devices.csv")]

    done = CliRunner().invoke(estimate, arguments)

    assert json.loads(done.stdout)["probe_requests"] == canary.HEARD
    assert canary.found_in("".join([done.output, *capfd.readouterr()]).encode()) == []
    assert canary.found_under(made) == {}


NOON_US = int(NOON.timestamp()) * 1_000_000


@pytest.fixture
def pseudonyms(settings):
    """Of the addresses and looks of a canary and nine others that are inside for 20 minutes."""
    phones = [canary.FRAMES[0]] + [
        probe_request(sender=bytes([2, 0, 0, 0, 1, number])) for number in range(9)
    ]
    of_box(settings).run(
        [
            Frame(NOON_US + minute * 60_000_000, LINK_RADIOTAP, data)
            for minute in range(20)
            for data in phones
        ],
        lambda: False,
    )
    with sightings.reading(settings.sightings_dir, settings.today(NOON)) as connection:
        rows = connection.execute("SELECT address, fingerprint FROM sightings").fetchall()
    return {str(each) for row in rows for each in row}


def values_of(database):
    """Everything that any row of any table holds."""
    with database.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(sa.select(table)):
                yield from row


def test_no_figure_no_report_and_no_news_has_a_pseudonym(pseudonyms, database, sealer, settings):
    day, later = settings.today(NOON), NOON.replace(day=NOON.day + 1)
    assert len(pseudonyms) > 10
    rollup.roll_up(database, settings, day, NOON, sealer=sealer)
    found = report.find(database, settings, day)
    shown = found.to_csv() + json.dumps(found.to_data())

    assert rollup.close_days(database, sealer, settings, later) == [day]

    with database.reading() as session:
        events = session.scalars(sa.select(OutboxEvent)).all()
    shown += "".join(sealer.open(outbox.DATA, each.sealed_data).decode() for each in events)
    assert len(events) > 20
    assert [each for each in pseudonyms if each in shown] == []
    stored = {str(value) for value in values_of(database)}
    assert len(stored) > 10
    assert stored & pseudonyms == set()
    assert canary.found_in(repr(stored).encode() + shown.encode()) == []
    assert list(settings.sightings_dir.iterdir()) == []

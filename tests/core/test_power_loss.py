"""What has been told to be committed is there after the power fails, at whatever moment.

To kill a program is no power cut: the kernel still writes what it was given. So a disk of its own
is copied as it is at a moment: what was not synchronised is not on it. The writer is a process of
ours that commits as the programs do, and says so after each commit.
"""

import contextlib
import datetime as dt
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from core import do_not_count, secret_file, sightings
from core.database import Database
from core.models.outbox_event import OutboxEvent
from core.pushed.folder import Folder
from tests.core import power_loss_writer
from tests.disk import Disk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot mount a disk"),
]

CUTS = 3


@pytest.fixture
def disk(tmp_path):
    with Disk(tmp_path / "disk", 24) as disk:
        yield disk


@contextlib.contextmanager
def writer(folder):
    command = [sys.executable, "-m", "tests.core.power_loss_writer", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        os.set_blocking(process.stdout.fileno(), False)
        yield process
        process.kill()


def told(process, so_far):
    """The number of the last commit that the writer has told of."""
    while chunk := process.stdout.read():
        so_far += chunk
    return so_far


def test_all_that_was_told_is_there_and_whole(disk, tmp_path):
    rng, words = random.Random(), b""
    with writer(disk.place) as process:
        for number in range(CUTS):
            enough = words.count(b"\n") + rng.randint(3, 40)
            deadline = time.monotonic() + 30
            while words.count(b"\n") < enough:
                assert time.monotonic() < deadline, "the writer writes nothing"
                words = told(process, words)
                time.sleep(0.005)
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED)
            words = told(process, words)
            after = disk.as_after_a_power_cut(tmp_path / f"after{number}")
            process.send_signal(signal.SIGCONT)
            with after:
                examine(after.place, words.count(b"\n"))


class Opened(Database):
    def __init__(self, folder):
        super().__init__(f"sqlite:///{folder / 'doorman.sqlite'}")

    close = Database.dispose


def examine(folder, commits):
    with (
        contextlib.closing(Opened(folder)) as database,
        database.reading() as session,
    ):
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
        kept = session.scalar(sa.select(sa.func.count()).select_from(OutboxEvent))
    # The one after the last that was told may be there, untold.
    assert commits <= kept <= commits + 1
    # Sightings of the last minute may be lost, the file never.
    day = power_loss_writer.DAY
    sightings.DayFile(folder / "sightings", day).close()
    with sightings.reading(folder / "sightings", day) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.execute("SELECT COUNT(*) FROM sightings").fetchone()
    assert secret_file.load(folder) == secret_file.load(folder)
    listed = do_not_count.path_of(folder).read_text()
    assert len(do_not_count.DoNotCountList.of_text(listed)) in {0, 1}
    assert isinstance(Folder(folder).settings(), dict)
    with contextlib.closing(sqlite3.connect(folder / "doorman.sqlite")) as connection:
        connection.execute("CREATE TABLE room (at TEXT)")
        connection.execute("INSERT INTO room VALUES (?)", (dt.datetime.now(dt.UTC).isoformat(),))
        connection.commit()

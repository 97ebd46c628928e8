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

from core import do_not_count, secret_file, sightings, whole_file
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


def test_a_file_put_in_place_of_another_stays_there(disk, tmp_path):
    for content in (b"before", b"after"):
        whole_file.replace(disk.place / "file", content)

    with disk.as_after_a_power_cut(tmp_path / "after") as after:
        assert (after.place / "file").read_bytes() == b"after"


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
        kept = set(session.scalars(sa.select(OutboxEvent.subject)))
    durable = {name for name in kept if not name.startswith("before ")}
    # The one after the last that was told may be there, untold.
    assert commits <= len(durable) <= commits + 1
    assert {f"before {name}" for name in durable} <= kept
    with sightings.reading(folder / "sightings", power_loss_writer.DAY) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (heard,) = connection.execute("SELECT COUNT(*) FROM sightings").fetchone()
    assert heard >= power_loss_writer.HEARD * commits
    # Each of these is of the last turn that was told, or of the one after.
    turns = {commits - 1, commits}
    assert secret_file.load(folder).field_keys[-1].made_at.second in {n % 60 for n in turns}
    listed = do_not_count.path_of(folder).read_text()
    assert listed in {power_loss_writer.listed(each).to_text() for each in turns}
    pushed = Folder(folder)
    assert pushed.standing().version in {each + 1 for each in turns}
    assert pushed.read(pushed.standing().version) is not None
    with contextlib.closing(sqlite3.connect(folder / "doorman.sqlite")) as connection:
        connection.execute("CREATE TABLE room (at TEXT)")
        connection.execute("INSERT INTO room VALUES (?)", (dt.datetime.now(dt.UTC).isoformat(),))
        connection.commit()

import signal
import subprocess
import sys

import pytest

from core.database import Database
from crm import sole_sender

HOLD = """
import sys, time, pathlib
from core.database import Database
from crm import sole_sender
with sole_sender.turn(Database(sys.argv[1]), pathlib.Path(sys.argv[2])) as ours:
    print(ours, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def turn(any_database, tmp_path):
    return lambda: sole_sender.turn(any_database, tmp_path)


def test_the_turn_ends_with_its_process_even_if_that_is_killed(any_database, tmp_path, turn):
    url = any_database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HOLD, url, str(tmp_path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "True\n"
        with turn() as ours:
            assert not ours
        holder.send_signal(signal.SIGKILL)

    # A server may take a moment to notice.
    assert any(_is_ours(turn) for _ in range(500))


def test_the_turn_can_be_taken_again_and_again(turn):
    for _ in range(2):
        assert _is_ours(turn)


def test_whoever_did_not_get_the_turn_does_not_end_it(turn):
    with turn() as first:
        with turn() as second:
            assert (first, second) == (True, False)
        assert not _is_ours(turn)


def test_another_database_on_the_same_server_has_turns_of_its_own(turn, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with turn() as ours, sole_sender.turn(Database("sqlite://"), elsewhere) as theirs:
        assert ours
        assert theirs


def _is_ours(turn):
    with turn() as ours:
        return ours

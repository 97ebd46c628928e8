import signal
import subprocess
import sys

from crm import sole_sender

HOLD = """
import sys, time, pathlib
from crm import sole_sender
with sole_sender.turn(pathlib.Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    time.sleep(60)
"""


def test_the_turn_ends_with_its_process_even_if_that_is_killed(tmp_path):
    path = tmp_path / "crm.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "True\n"
        with sole_sender.turn(path) as ours:
            assert not ours
        holder.send_signal(signal.SIGKILL)

    with sole_sender.turn(path) as ours:
        assert ours


def test_the_turn_can_be_taken_again_and_again(tmp_path):
    for _ in range(2):
        with sole_sender.turn(tmp_path / "crm.lock") as ours:
            assert ours

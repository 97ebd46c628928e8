import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.metrics import files

ROOT = Path(__file__).parents[3]

COUNT = """
import os, sys
from core.metrics import counted, counting
counted.EVENTS.add("accepted", amount=2)
counted.JOB_SUCCESS.put("send", value=float(sys.argv[1]))
counted.SMS_DURATION.observe("aliyun", value=0.2)
"""
FORK = """
from core.metrics import counted
counted.EVENTS.add("accepted")
if os.fork() == 0:
    counted.EVENTS.add("accepted")
    os._exit(0)
os.wait()
"""


def run(folder, code, *arguments):
    """A program that counts, from its beginning to its end."""
    environment = {**os.environ, files.VARIABLE: str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def values(folder):
    metrics = files.Files(folder).collect()
    return {(s.name, *s.labels.values()): s.value for each in metrics for s in each.samples}


def test_programs_that_are_gone_have_counted_for_good(tmp_path):
    run(tmp_path, COUNT, "1000")
    run(tmp_path, COUNT, "900")

    for _ in range(2):
        found = values(tmp_path)
        assert found["doorman_events_sent_total", "accepted"] == 4
        assert found["doorman_job_last_success_timestamp_seconds", "send"] == 1000
        assert found["doorman_sms_send_duration_seconds_count", "aliyun"] == 2
        assert found["doorman_sms_send_duration_seconds_bucket", "aliyun", "0.25"] == 2
        assert found["doorman_sms_send_duration_seconds_bucket", "aliyun", "0.1"] == 0
    # However many there were, no more files than these.
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["counter_gone.db", "gauge_max_gone.db", "histogram_gone.db", "lock"]


def test_a_program_that_begins_folds_what_others_left(tmp_path):
    for _ in range(3):
        run(tmp_path, "from core.metrics import counting")

    # Of the last one, and of those before it.
    assert len(list(tmp_path.glob("*.db"))) == 2 * len(files.KINDS)


def test_a_worker_counts_beside_the_program_that_forked_it(tmp_path):
    run(tmp_path, "import os\n" + FORK)

    assert values(tmp_path)["doorman_events_sent_total", "accepted"] == 2


def test_the_files_are_reserved_before_anything_is_written_to_them(tmp_path):
    found = files.Files(tmp_path)
    found.process()

    for path in tmp_path.glob("*.db"):
        assert path.stat().st_blocks * 512 >= path.stat().st_size > 0
    assert len(list(tmp_path.glob("*.db"))) == len(files.KINDS)


@pytest.mark.parametrize("sort", ["missing", "a-file"])
def test_without_a_folder_to_write_to_a_program_counts_by_itself(tmp_path, sort):
    folder = tmp_path / "metrics"
    if sort == "a-file":
        folder.write_text("")
    code = (
        "from core.metrics import counted, counting;"
        "counted.EVENTS.add('accepted');"
        "print([s.value for m in counting.collect() for s in m.samples"
        " if s.name == 'doorman_events_sent_total' and s.labels['outcome'] == 'accepted'])"
    )

    done = run(folder, code)

    assert done.stdout == "[1.0]\n"
    assert "metrics stay in this process" in done.stderr
    assert files.VARIABLE in done.stderr


def test_a_full_folder_costs_the_count_and_nothing_else(tmp_path):
    """Where a worker cannot reserve its files any more."""
    code = (
        "import os, shutil\n"
        "from core.metrics import counted\n"
        f"shutil.rmtree({str(tmp_path / 'metrics')!r})\n"
        "if os.fork() == 0:\n"
        "    counted.EVENTS.add('accepted')\n"
        "    counted.SMS_DURATION.observe('aliyun', value=1)\n"
        "    os._exit(7)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))\n"
    )
    (tmp_path / "metrics").mkdir()

    with pytest.raises(subprocess.CalledProcessError) as ended:
        run(tmp_path / "metrics", code)

    assert ended.value.returncode == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot mount a small tmpfs")
def test_a_full_folder_ends_no_program_that_starts(tmp_path):
    """To write to blocks that are not there would: what is gone is folded at the start."""
    script = f"""
        mount -t tmpfs -o size=300k none {tmp_path}
        {sys.executable} -c "from core.metrics import counted; counted.EVENTS.add('accepted')"
        dd if=/dev/zero of={tmp_path}/fill bs=1k status=none
        {sys.executable} -c "from core.metrics import counted; print('alive')"
    """
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {files.VARIABLE: str(tmp_path)},
    )

    assert done.stdout == "alive\n"


def test_a_torn_file_of_a_number_in_use_costs_what_is_counted_and_not_the_answer(tmp_path):
    (tmp_path / f"counter_{os.getpid()}.db").write_bytes(b"\xff\x00\x00\x00" + b"\x01" * 400)

    with pytest.raises(OSError, match="cannot be read"):
        files.Files(tmp_path).collect()


def test_a_torn_file_is_left_out(tmp_path):
    run(tmp_path, COUNT, "1000")
    (tmp_path / "counter_999999999.db").write_bytes(b"\xff\x00\x00\x00" + b"\x01" * 60)

    assert values(tmp_path)["doorman_events_sent_total", "accepted"] == 2


def test_without_the_variable_nothing_is_written():
    assert files.find({}) is None

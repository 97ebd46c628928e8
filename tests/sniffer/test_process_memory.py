"""Each in a process of its own: what is forbidden cannot be allowed again."""

import os
import subprocess
import sys

import pytest

NOBODY = 65534


def words(code):
    """What it prints."""
    begin = "import os, resource; from sniffer import process_memory;"
    return subprocess.run(
        [sys.executable, "-c", f"{begin}{code}"], capture_output=True, text=True, check=True
    ).stdout.split()


def test_no_core_is_dumped_neither_to_a_file_nor_to_a_handler():
    code = (
        "process_memory.forbid_dumps(); import ctypes;"
        "print(*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )

    assert words(code) == ["0", "0", "0"]


LOCKED = """
print(process_memory.forbid_swapping())
later = bytearray(20 << 20)
print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmLck')))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: may lock no more than 8 MiB")
def test_locks_all_memory_where_it_may():
    was_locked, kib = words(LOCKED)

    assert was_locked == "True"
    assert int(kib) > 20 << 10, "what came later, too"


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot become somebody else")
def test_locks_nothing_under_a_limit_that_it_would_come_to_exceed():
    limit = f"resource.setrlimit(resource.RLIMIT_MEMLOCK, (8 << 20, 8 << 20)); os.setuid({NOBODY})"

    assert words(f"{limit}\n{LOCKED}") == ["False", "0"]


FREED = """
import ctypes, sys
process_memory.overwrite_what_is_freed()
secrets = [sys.argv[1] * 3 + str(number) for number in range(1000)]
places = [id(each) for each in secrets]
del secrets[:]
left = [at for at in places if sys.argv[1].encode() in ctypes.string_at(at, 60)]
print(len(left))
"""


def test_what_is_freed_is_overwritten():
    begin = "import os, resource; from sniffer import process_memory;"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONMALLOC"}
    done = subprocess.run(
        [sys.executable, "-c", begin + FREED, "canary-7q"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["0"]

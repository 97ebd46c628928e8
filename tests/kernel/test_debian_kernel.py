"""The gate on the kernel that Debian ships, which may be years older than the one below us."""

import json
import os
import platform
import sys
from pathlib import Path

import pytest

from tests.kernel import guest
from tests.kernel.machine import Machine, missing

ROOT = Path(__file__).parent.parent.parent

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot read all of the file system"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the machine emulated is an x86-64"),
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    python = Path(sys.prefix, "bin", "python")
    console = machine.run(python, "-B", guest.__file__, ROOT)
    _, marked, result = console.partition(guest.MARK)
    assert marked, console[-2000:]
    return json.JSONDecoder().raw_decode(result)[0]


def test_a_second_login_extends_the_first(found):
    assert found["extended_s"] > 4000


def test_the_way_to_extend_is_needed_before_linux_6_12(found):
    release = tuple(int(number) for number in found["release"].split(".")[:2])

    assert (found["added_again_s"] > 4000) is (release >= (6, 12))


def test_a_reload_of_the_rules_logs_nobody_out(found):
    assert found["kept_by_a_reload"]


def test_a_phone_that_is_revoked_is_gone(found):
    assert found["revoked"]

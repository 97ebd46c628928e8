"""A new release takes over the packages of the one that runs, if both are locked alike."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/ansible/roles/release/files/take_over.py"
PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


@pytest.fixture
def old(tmp_path):
    module = tmp_path / "old" / PACKAGES / "made_up" / "__init__.py"
    module.parent.mkdir(parents=True)
    module.write_text("VALUE = 7\n")
    (tmp_path / "old" / PACKAGES / "pip").mkdir()
    (tmp_path / "old" / "requirements.lock").write_text("made-up==1\n")
    return tmp_path / "old"


@pytest.fixture
def new(tmp_path):
    venv.create(tmp_path / "new", with_pip=False)
    # As Debian 12 makes them: with another version of something that is locked.
    born_with = tmp_path / "new" / PACKAGES / "made_up" / "__init__.py"
    born_with.parent.mkdir()
    born_with.write_text("VALUE = 6\n")
    return tmp_path / "new"


def take_over(new, lock, old):
    command = [new / "bin/python", SCRIPT, lock, old]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_same_lock_costs_no_write(tmp_path, old, new):
    lock = tmp_path / "lock"
    lock.write_text("made-up==1\n")

    assert take_over(new, lock, old) == "taken over\n"
    taken = new / PACKAGES / "made_up" / "__init__.py"
    assert taken.samefile(old / PACKAGES / "made_up" / "__init__.py")
    assert not (new / PACKAGES / "pip").exists()


@pytest.mark.parametrize("what", ["another lock", "no lock", "another Python", "nothing runs"])
def test_what_is_not_the_same_is_installed(tmp_path, old, new, what):
    lock = tmp_path / "lock"
    lock.write_text("made-up==2\n" if what == "another lock" else "made-up==1\n")
    if what == "no lock":
        (old / "requirements.lock").unlink()
    if what == "another Python":
        (old / PACKAGES).rename(old / "lib" / "elsewhere")

    where = tmp_path / "none" if what == "nothing runs" else old
    assert take_over(new, lock, where) == "to be installed\n"
    assert (new / PACKAGES / "made_up" / "__init__.py").read_text() == "VALUE = 6\n"

"""On a box nobody reads the docstrings of libraries, and no program holds them in memory."""

import importlib.util
import subprocess
import sys
import venv

import pytest
import yaml

from tests.deploy.rendering import ROLES

SCRIPT = ROLES / "release/files/compile_packages.py"
VARIABLES = ROLES / "release/vars/main.yml"
PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
MODULE = '''"""What it is for."""

from __future__ import annotations

class Bare:
    """Nothing else."""

def checked(value):
    """What it does."""
    "no docstring, but text"
    assert value
    return annotated.__annotations__

async def annotated(value: Unknown):
    """And this."""

template = """kept"""
'''
SHOWN = """
import made_up, other
print(made_up.__doc__, made_up.Bare.__doc__, made_up.checked.__doc__, made_up.annotated.__doc__)
print(made_up.template, made_up.checked(1), other.__doc__, made_up.checked.__code__.co_firstlineno)
try:
    made_up.checked(0)
except AssertionError:
    print("checked")
"""


@pytest.fixture
def environment(tmp_path):
    venv.create(tmp_path, with_pip=False)
    for name in ("made_up", "other"):
        (tmp_path / PACKAGES / name).mkdir()
        (tmp_path / PACKAGES / name / "__init__.py").write_text(MODULE)
    (tmp_path / PACKAGES / "made_up" / "template.py").write_text("{{ no Python }}")
    return tmp_path


def run(environment, *arguments):
    command = [environment / "bin/python", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_docstrings_are_gone_and_all_else_is_there(environment):
    assert run(environment, SCRIPT, "made_up", "absent") == ["1 files compiled"]

    assert run(environment, "-c", SHOWN) == [
        "- - - -",
        "kept {'value': 'Unknown'} What it is for. 8",
        "checked",
    ]


def test_what_another_release_has_by_a_link_stays_as_it_is(environment):
    run(environment, "-m", "compileall", "-q", environment / PACKAGES / "made_up" / "__init__.py")
    [compiled] = (environment / PACKAGES / "made_up").rglob("__init__.*.pyc")
    kept = environment / "kept.pyc"
    kept.hardlink_to(compiled)
    before = kept.read_bytes()

    run(environment, SCRIPT, "made_up")

    assert kept.read_bytes() == before
    assert len(compiled.read_bytes()) < len(before)


@pytest.mark.parametrize("name", yaml.safe_load(VARIABLES.read_text())["release_packages_bare"])
def test_what_is_compiled_is_there(name):
    assert importlib.util.find_spec(name)

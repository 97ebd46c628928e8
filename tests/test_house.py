"""The rules of form that no tool of the trade knows."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = (
    "core",
    "gate",
    "access_log",
    "backup",
    "gear",
    "portal",
    "sniffer",
    "analytics",
    "crm",
    "hq",
    "appliance",
)
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def source_files():
    return [path for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))]


def every_file():
    return source_files() + sorted((ROOT / "tests").rglob("*.py"))


def test_no_file_outgrows_its_name():
    limits = {path: 400 if "tests" in path.parts else 300 for path in every_file()}

    assert [p for p, limit in limits.items() if len(p.read_text().splitlines()) > limit] == []


def test_package_files_are_empty():
    assert [p for p in every_file() if p.name == "__init__.py" and p.read_text()] == []


def test_files_are_named_for_one_thing():
    assert [p for p in every_file() if p.stem in BANNED] == []


def test_every_module_says_what_it_is_for():
    silent = [
        path
        for path in source_files()
        if path.name != "__init__.py" and not path.read_text().startswith('"""')
    ]

    assert silent == []


@pytest.mark.parametrize("mark", ["# noqa", "# type: ignore"])
def test_every_exception_to_a_rule_has_a_code_and_a_reason(mark):
    whole = re.compile(re.escape(mark) + r"(: [A-Z0-9, ]+ - \S+|\[[a-z, -]+\]  # \S+)")
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in source_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if mark in line and not whole.search(line)
    ]

    assert bare == []


@pytest.mark.parametrize("program", ["portal", "gate", "sniffer", "crm", "jobs", "hq"])
def test_programs_on_small_boxes_do_not_load_what_they_hardly_use(program):
    """Tens of MiB, for good: docs/operations/budget.md."""
    modules = {
        "portal": "portal.wsgi",
        "gate": "gate.server",
        "sniffer": "sniffer.sensor",
        "crm": "crm.delivery",
        "jobs": "appliance.jobs",
        "hq": "hq.wsgi",
    }
    code = f"import sys, {modules[program]}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert {"pandas", "alembic", "numpy.random"}.isdisjoint(loaded)


@pytest.mark.parametrize(
    "program", ["resolving", "advertising", "front_keeper", "web_program", "hearing"]
)
def test_what_runs_all_day_for_little_does_not_load_the_settings(program):
    """It would take twice the memory: docs/operations/budget.md."""
    code = f"import sys, appliance.{program}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd="/", capture_output=True, text=True, check=True
    ).stdout.split()

    assert {"pydantic", "click", "cryptography", "sqlalchemy"}.isdisjoint(loaded)


def test_the_gate_loads_the_standard_library_alone():
    """It has power over the firewall: docs/decisions/0003-gate.md."""
    code = (
        "import sys, gate.__main__;"
        "print(*{name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd="/", capture_output=True, text=True, check=True
    ).stdout.split()

    # What an editable installation itself brings along.
    ours = {name for name in loaded if not name.startswith("__editable__")}
    assert ours - {"__main__", "sitecustomize", "_distutils_hack"} == {"gate"}


def test_what_is_timed_is_where_make_looks_for_it():
    tests = ROOT / "tests"
    others = set(tests.rglob("test_*.py")) - {Path(__file__)}
    marked = {path.parent for path in others if ".mark.timed" in path.read_text()}

    assert marked == {tests / "lab"}
    assert "pytest -m timed tests/lab\n" in (ROOT / "Makefile").read_text()


def test_every_package_has_its_place_in_the_import_rules():
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")

    assert sorted(rules["importlinter"]["root_packages"].split()) == packages == sorted(PARTS)

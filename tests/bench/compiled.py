"""Python's code compiled as a release's is, for programs that are measured.

Elsewhere the docstrings of libraries are in memory, and what each program compiles for itself while
it starts leaves holes there.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

_ROLE = Path(__file__).parents[2] / "deploy/ansible/roles/release"
_MODULES = (
    "analytics.rollup",
    "appliance.cli",
    "appliance.dashboard",
    "appliance.hearing",
    "appliance.jobs",
    "appliance.migration",
    "appliance.programs",
    "appliance.serving",
    "appliance.web_program",
    "portal.wsgi",
)


@contextlib.contextmanager
def as_on_a_box() -> Iterator[None]:
    """For what is started while the `with` block lasts, unless it looks at no environment (-I)."""
    with tempfile.TemporaryDirectory(prefix="doorman-compiled-") as folder:
        told = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        before = {name: os.environ.get(name) for name in told}
        os.environ.update(told)
        try:
            names = yaml.safe_load((_ROLE / "vars/main.yml").read_text())["release_packages_bare"]
            _run(str(_ROLE / "files/compile_packages.py"), *names)
            _run("-c", f"import {', '.join(_MODULES)}")
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

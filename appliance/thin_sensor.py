"""`doorman sensors program`: the sensor alone, as one file that any Python runs."""

import inspect
import io
import zipfile
from modulefinder import ModuleFinder
from pathlib import Path

import click

from sniffer import thin

_PROGRAM = Path(inspect.getfile(thin))
_ROOT = _PROGRAM.parents[1]
_START = "import sys\n\nfrom sniffer.thin import main\n\nsys.exit(main())\n"
# What is in it depends on nothing else, so that two of one version are the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def program(file: Path) -> None:
    """Write the sensor alone to FILE, for a machine with Python 3.11 and nothing else.

    It takes the bundle of `doorman sensors add`; docs/openwrt.md says how it is run.
    """
    file.write_bytes(made())
    file.chmod(0o755)
    click.echo(f"{file}: run it with python3, beside its bundle")


def made() -> bytes:
    """The program, as Python runs a zip file (PEP 441)."""
    content = io.BytesIO()
    content.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "__main__.py", _START)
        for path in _modules():
            _put(archive, str(path.relative_to(_ROOT)), path.read_text())
    return content.getvalue()


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text)


def _modules() -> list[Path]:
    """`sniffer.thin`, and all of ours that it imports."""
    finder = ModuleFinder([str(_ROOT)])
    finder.run_script(str(_PROGRAM))
    files = (vars(each)["__file__"] for each in finder.modules.values())
    return sorted(Path(file) for file in files if file)

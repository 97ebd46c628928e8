"""Releases to upgrade to: those of a bundle, under another version and with some files changed."""

import base64
import csv
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.deploy import debian

_MACHINE = os.uname().machine


def bundle(python: str, folder: Path) -> Path:
    """Of what is committed, as `make bundle` makes it, for a box like this machine; in `folder`.

    `python` is the tag of the box's, such as cp311.
    """
    with debian.alone():
        done = subprocess.run(
            [sys.executable, debian.ROOT / "scripts" / "bundle"],
            env=os.environ | {"DOORMAN_BUNDLE_FOR": f"{python}-{_MACHINE}"},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"scripts/bundle: {done.stderr.strip()}")
        # Another, for another box, would be written in its place.
        made = shutil.copy(debian.ROOT / done.stdout.partition(":")[0], folder)
    return Path(made)


def version_of(made: Path) -> str:
    return made.name.removeprefix("doorman-").removesuffix("-bundle.tar.gz")


def changed(made: Path, version: str, files: Mapping[str, str], folder: Path) -> Path:
    """That bundle as one of another version, with these files in place of its own."""
    content = folder / "content"
    content.mkdir()
    subprocess.run(["tar", "--extract", "--file", made], cwd=content, check=True)
    [inside] = content.iterdir()
    [wheel] = inside.glob("doorman-*.whl")
    _write_wheel(wheel, inside / f"doorman-{version}-py3-none-any.whl", version, files)
    wheel.unlink()
    _write_sums(inside)
    new = folder / f"doorman-{version}-bundle.tar.gz"
    with tarfile.open(new, "w:gz", compresslevel=0) as archive:
        archive.add(inside, f"doorman-{version}")
    return new


def _write_wheel(old: Path, new: Path, version: str, files: Mapping[str, str]) -> None:
    former = old.name.split("-")[1]
    record = io.StringIO()
    lines = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        content = {name: source.read(name) for name in source.namelist()}
        content |= {name: text.encode() for name, text in files.items()}
        for name, data in content.items():
            renamed = name.replace(f"doorman-{former}.dist-info", f"doorman-{version}.dist-info")
            if renamed.endswith("/RECORD"):
                continue
            written = data
            if renamed.endswith("/METADATA"):
                lines_of = f"\nVersion: {former}\n".encode(), f"\nVersion: {version}\n".encode()
                written = data.replace(*lines_of, 1)
            target.writestr(renamed, written)
            digest = base64.urlsafe_b64encode(hashlib.sha256(written).digest()).rstrip(b"=")
            lines.writerow((renamed, f"sha256={digest.decode()}", len(written)))
        name = f"doorman-{version}.dist-info/RECORD"
        lines.writerow((name, "", ""))
        target.writestr(name, record.getvalue())


def _write_sums(folder: Path) -> None:
    sums = folder / "SHA256SUMS"
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != sums)
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in files
    ]
    sums.write_text("".join(lines))

"""Link the packages of the release that runs into a new one, if both are locked alike.

    NEW/bin/python take_over.py LOCK OLD

An environment is 400 MB, of which a new release mostly changes 2: a flash memory bears only so many
writes, and a slow one takes minutes for them. A link costs neither. pip never writes into a file
that is there, it puts another in its place; so what OLD has stays as it is.
"""

import filecmp
import os
import shutil
import sys
import sysconfig
from pathlib import Path


def take_over(lock: Path, old: Path, new: Path) -> bool:
    """Whether OLD's packages are NEW's now. NEW is the environment that runs this."""
    packages = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    kept = old / "requirements.lock"
    if not (kept.exists() and filecmp.cmp(lock, kept, shallow=False) and (old / packages).is_dir()):
        return False
    # What an environment is born with, pip apart, is locked in another version.
    for each in (new / packages).iterdir():
        if not each.name.startswith("pip"):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    shutil.copytree(
        old / packages,
        new / packages,
        copy_function=os.link,
        ignore=shutil.ignore_patterns("pip", "pip-*"),
        dirs_exist_ok=True,
    )
    return True


if __name__ == "__main__":
    done = take_over(Path(sys.argv[1]), Path(sys.argv[2]).resolve(), Path(sys.prefix))
    sys.stdout.write("taken over\n" if done else "to be installed\n")

"""A throw-away PostgreSQL as it comes, which waits for its disk; on a Unix socket alone."""

import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path


@contextlib.contextmanager
def server(folder):
    """Its address and its process."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    place = folder / "postgresql"
    place.mkdir()
    run_as = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        run_as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(place, "postgres", "postgres")
        folder.chmod(0o755)
    data = place / "data"
    subprocess.run(
        [*run_as, programs / "initdb", "-D", data, "-U", "doorman", "-A", "trust"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    process = subprocess.Popen(
        [*run_as, programs / "postgres", "-D", data, "-k", place, "-h", ""],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    try:
        ready = [programs / "pg_isready", "-q", "-h", place]
        for _ in range(200):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield f"postgresql://doorman@/postgres?host={place}", process
    finally:
        process.terminate()
        process.wait(20)

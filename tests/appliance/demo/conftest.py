import contextlib
import os
import signal
import subprocess
import sys

import pytest

from tests import free_ports


@pytest.fixture
def ports():
    names = ("portal", "dashboard", "fakes", "hq", "fleet")
    return dict(zip(names, free_ports.find(len(names)), strict=True))


@pytest.fixture
def demo(ports, tmp_path_factory):
    """Starts `doorman demo` on free ports; ended by pid at the latest when the test is."""
    cache = tmp_path_factory.getbasetemp() / "scene-cache"
    flags = [f"--{name}-port={port}" for name, port in ports.items()] + [f"--cache={cache}"]
    started = []

    def start(*more):
        process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "demo", *flags, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name != "DOORMAN_CONFIG"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)

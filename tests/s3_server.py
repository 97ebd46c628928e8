"""moto's server, on this machine, that speaks S3's protocol."""

import contextlib
import http.client
import os
import subprocess
import sys
import time

import pytest

from tests import free_ports


@contextlib.contextmanager
def running(**variables):
    """Its address while the `with` block lasts; `variables` are of its environment."""
    [port] = free_ports.find(1)
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _wait(port, server):
    for _ in range(600):
        assert server.poll() is None
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/moto-api/")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("no S3 server")

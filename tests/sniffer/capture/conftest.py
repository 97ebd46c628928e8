import contextlib
import os

import pytest

from sniffer.capture.packet_ring import PacketRing
from tests.lab.namespace import Namespace
from tests.sniffer.air import on_air


@pytest.fixture(scope="package")
def namespace():
    if os.geteuid():
        pytest.skip("not root: cannot make a network namespace")
    with Namespace(f"doorman-air-{os.getpid()}") as namespace:
        yield namespace


@pytest.fixture
def radio(namespace):
    with on_air(namespace, "mon0") as radio:
        yield radio


@pytest.fixture
def listen(namespace):
    """Opens a ring on an interface."""
    with contextlib.ExitStack() as stack:

        def listen(name="mon0"):
            ring = namespace.call(lambda: PacketRing(name))
            stack.callback(ring.close)
            return ring

        yield listen

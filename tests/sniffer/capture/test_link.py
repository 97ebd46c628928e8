import socket

import pytest

from sniffer.capture import link
from tests.sniffer.air import ETHERNET, OTHERS, on_air

pytestmark = pytest.mark.lab


@pytest.fixture
def look(namespace):
    """How the interface is seen from within the namespace."""
    with namespace.call(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asked:
        yield lambda name: link.look(asked, name)


def test_says_whether_an_interface_is_up_and_in_monitor_mode(namespace, look):
    with on_air(namespace, "mon5", up=False), on_air(namespace, "eth5", ETHERNET):
        monitor, ordinary = look("mon5"), look("eth5")

    assert (monitor.gives_radiotap, monitor.is_up) == (True, False)
    assert (ordinary.gives_radiotap, ordinary.is_up) == (False, True)
    assert monitor.ifindex != ordinary.ifindex
    with pytest.raises(OSError, match="No such device"):
        look("mon5")


def test_counts_frames_of_whatever_sort(namespace, radio):
    def received(name="mon0"):
        return namespace.call(lambda: link.packets_received(name))

    before = received()
    radio.play(*OTHERS)

    assert received() - before == len(OTHERS)
    assert received("absent") == 0

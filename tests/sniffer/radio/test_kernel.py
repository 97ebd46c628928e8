"""Sockets: with a kernel that answers anything, and with the real one as far as it has no Wi-Fi."""

import contextlib
import errno
import os
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import netlink
from core.netlink import BadMessageError, attribute, message
from sniffer.radio.kernel import Kernel, LinkNotices
from sniffer.radio.nl80211 import Mode
from tests.lab.namespace import Namespace
from tests.sniffer.air import on_air

FAMILY = 28
GENERIC = bytes([7, 1, 0, 0])
PATIENCE_S = 20
FAMILY_ANSWER = message(16, 0, 1, GENERIC + attribute(1, struct.pack("=H", FAMILY)))


def interface(name, index=5):
    u32 = struct.Struct("=I")
    return GENERIC + b"".join(
        (
            attribute(3, u32.pack(index)),
            attribute(4, name.encode() + b"\0"),
            attribute(1, u32.pack(0)),
            attribute(5, u32.pack(Mode.MONITOR)),
        )
    )


def refusal(sequence, number):
    return message(netlink.ERROR, 0, sequence, struct.pack("=i", -number) + bytes(16))


@contextlib.contextmanager
def answering(*datagrams):
    """A kernel that has said all that already."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        for each in datagrams:
            theirs.send(each)
        # Whoever waits for more is told that there is none.
        theirs.shutdown(socket.SHUT_WR)
        yield Kernel(lambda _: ours)


def test_an_interface_is_asked_for_by_the_number_of_the_family():
    with answering(FAMILY_ANSWER, message(FAMILY, 0, 2, interface("wlan3"))) as kernel:
        assert kernel.interface(5).name == "wlan3"


def test_all_parts_of_an_answer_are_read():
    parts = [message(FAMILY, 2, 2, interface(f"wlan{number}")) for number in range(4)]
    done = message(netlink.DONE, 2, 2, bytes(4))

    with answering(FAMILY_ANSWER, parts[0] + parts[1], parts[2] + parts[3], done) as kernel:
        assert [each.name for each in kernel.interfaces()] == ["wlan0", "wlan1", "wlan2", "wlan3"]


def test_what_belongs_to_an_older_question_is_passed_over():
    late = message(FAMILY, 0, 1, interface("wlan9")) + refusal(1, errno.EIO)

    with answering(FAMILY_ANSWER, late, message(FAMILY, 0, 2, interface("wlan3"))) as kernel:
        assert kernel.interface(5).name == "wlan3"


def test_a_command_is_over_when_it_is_acknowledged_or_refused():
    with answering(FAMILY_ANSWER, refusal(2, 0), refusal(3, errno.EBUSY)) as kernel:
        kernel.set_mode(5, Mode.MONITOR)
        with pytest.raises(OSError, match="busy") as raised:
            kernel.set_mode(5, Mode.MONITOR)

    assert raised.value.errno == errno.EBUSY


def test_a_kernel_without_wifi_is_told_from_an_interface_without():
    with answering(refusal(1, errno.ENOENT)) as kernel, pytest.raises(OSError) as raised:
        kernel.interface(5)

    assert raised.value.errno == errno.EPROTONOSUPPORT


def test_a_driver_that_is_loaded_again_is_found_by_its_new_number():
    new = message(16, 0, 3, GENERIC + attribute(1, struct.pack("=H", 29)))
    told = message(29, 0, 4, interface("wlan3"))
    with answering(FAMILY_ANSWER, refusal(2, errno.ENOENT), new, told) as kernel:
        with pytest.raises(OSError, match="supported"):
            kernel.interface(5)
        assert kernel.interface(5).name == "wlan3"


QUESTIONS = (
    lambda kernel: kernel.interface(5),
    lambda kernel: kernel.interfaces(),
    lambda kernel: kernel.radio(0),
    lambda kernel: kernel.link(5),
    lambda kernel: kernel.set_mode(5, Mode.MONITOR),
)
# Often of a form that is looked into.
lies = st.binary(max_size=100) | st.builds(
    message, st.sampled_from([2, 3, 16, FAMILY]), st.just(2), st.integers(1, 2), st.binary()
)


@given(st.lists(lies, max_size=4), st.booleans(), st.sampled_from(QUESTIONS))
def test_no_answer_does_harm(datagrams, knows_family, ask):
    first = [FAMILY_ANSWER] if knows_family else []
    with (
        answering(*first, *datagrams) as kernel,
        contextlib.suppress(OSError, BadMessageError),
    ):
        ask(kernel)


@pytest.mark.parametrize("said", [[b""], [message(FAMILY, 2, 2, interface("wlan3"))], []])
def test_an_answer_that_never_ends_is_refused(said):
    with answering(FAMILY_ANSWER, *said) as kernel, pytest.raises(BadMessageError):
        kernel.interfaces()


def test_the_real_kernel_tells_of_a_link():
    with contextlib.closing(Kernel()) as kernel:
        link = kernel.link(kernel.index_of("lo"))

    assert (link.name, link.is_there, link.gives_radiotap) == ("lo", True, False)


def test_the_real_kernel_refuses_what_is_no_wifi_interface():
    with contextlib.closing(Kernel()) as kernel, pytest.raises(OSError) as raised:
        kernel.interface(kernel.index_of("lo"))

    assert raised.value.errno in (errno.EPROTONOSUPPORT, errno.ENODEV)


def test_who_waits_for_notices_can_be_nudged():
    notices = LinkNotices()
    threading.Timer(0.05, notices.nudge).start()

    assert notices.wait(PATIENCE_S) is None
    assert notices.wait(0) == []
    notices.close()


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot make a network namespace")
def test_the_real_kernel_tells_unasked_when_an_interface_comes_changes_and_goes():
    def wait_for(**wanted):
        while links := notices.wait(PATIENCE_S):
            for link in links:
                if all(getattr(link, name) == value for name, value in wanted.items()):
                    return link
        return None

    with Namespace(f"doorman-notices-{os.getpid()}") as namespace:
        notices = namespace.call(LinkNotices)
        with on_air(namespace, "mon0") as radio:
            assert wait_for(name="mon0", is_up=True, gives_radiotap=True)
            namespace.run("ip", "link", "set", "mon0", "down")
            assert wait_for(name="mon0", is_up=False)
            radio.remove()
            assert wait_for(name="mon0", is_there=False)
        notices.close()

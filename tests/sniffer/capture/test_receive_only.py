"""The filter stays until its process ends, so each attempt is made in one of its own."""

import subprocess
import sys

from sniffer.capture import receive_only

WAYS = [
    "left.send(b'x')",
    "left.sendto(b'x', b'')",
    "left.sendmsg([b'x'])",
    "os.write(left.fileno(), b'x')",
    "os.writev(left.fileno(), [b'x'])",
    "os.sendfile(left.fileno(), os.open('/proc/self/exe', os.O_RDONLY), 0, 1)",
]

ATTEMPTS = """
import os, socket
from sniffer.capture import receive_only

assert receive_only.enforce()
left, right = socket.socketpair()
right.settimeout(0)
{before}
for attempt in {attempts}:
    try:
        eval(attempt)
        right.recv(1)
        print("written")
    except PermissionError:
        print("refused")
"""
AS_LISTENING = "left = socket.socket(fileno=receive_only.numbered(left.detach()))"


def outcomes(attempts, *, before=""):
    code = ATTEMPTS.format(attempts=attempts, before=before)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_what_is_written_to_a_listening_socket_is_refused():
    assert outcomes(WAYS, before=AS_LISTENING) == ["refused"] * len(WAYS)


def test_what_is_written_elsewhere_goes_through():
    others = [way for way in WAYS if "sendto" not in way]

    assert outcomes(others) == ["written"] * len(others)


def test_all_listening_sockets_are_meant_and_no_others():
    first, last = receive_only.FIRST, receive_only.LAST
    places = (first - 1, first, last, last + 1)
    attempts = [f"os.write(os.dup2(left.fileno(), {place}), b'x')" for place in places]

    assert outcomes(attempts) == ["written", "refused", "refused", "written"]

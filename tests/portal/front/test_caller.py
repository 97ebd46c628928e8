import contextlib
import os
import secrets
import socket

import pytest

from core.settings import SettingsError
from portal.front import caller
from portal.front.caller import Caller

NOBODY = 65_534


def address_of(connection, sent, front_uid):
    """The address that the portal sees for a request with these headers."""
    seen = {}

    def portal(environ, _start_response):
        seen.update(environ)
        return []

    environ = {"REMOTE_ADDR": "", "gunicorn.socket": connection} | sent
    assert list(Caller(portal, front_uid)(environ, lambda *_: None)) == []
    assert "HTTP_X_REAL_IP" not in seen
    return seen["REMOTE_ADDR"]


@contextlib.contextmanager
def connected_by(uid):
    """A connection by a Unix socket that a process of this user has opened."""
    # An abstract name: a folder of the tests is not open to other users.
    name = f"\0doorman-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        listener.settimeout(20)
        # A fork, since other users may not start this very Python.
        pid = os.fork()
        if pid == 0:
            try:
                os.setuid(uid)
                socket.socket(socket.AF_UNIX).connect(name)
            finally:
                os._exit(0)
        try:
            connection, _ = listener.accept()
            with connection:
                yield connection
        finally:
            os.waitpid(pid, 0)


@pytest.mark.parametrize("address", ["192.168.50.7", "fd50::7", "fe80::7", "fe80::7%br-lan"])
def test_the_web_server_tells_the_address(address):
    ours, _theirs = socket.socketpair(socket.AF_UNIX)
    with ours, _theirs:
        assert address_of(ours, {"HTTP_X_REAL_IP": address}, os.geteuid()) == address


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot be another user")
@pytest.mark.parametrize(
    ("front_uid", "address"),
    [pytest.param(NOBODY, "192.168.50.7", id="front"), pytest.param(33, "", id="another")],
)
def test_only_the_web_servers_user_is_believed(front_uid, address):
    with connected_by(NOBODY) as connection:
        assert address_of(connection, {"HTTP_X_REAL_IP": "192.168.50.7"}, front_uid) == address


def test_a_phone_that_comes_by_tcp_is_nobody_whatever_it_writes():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        phone = socket.create_connection(listener.getsockname(), timeout=5)
        connection, _ = listener.accept()
        with phone, connection:
            sent = {"HTTP_X_REAL_IP": "192.168.50.7", "REMOTE_ADDR": "127.0.0.1"}
            assert address_of(connection, sent, os.geteuid()) == ""


def test_without_a_connection_to_look_at_nobody_is_believed():
    assert address_of(None, {"HTTP_X_REAL_IP": "192.168.50.7"}, os.geteuid()) == ""


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP2"])
def test_no_other_header_names_a_phone(header):
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert address_of(ours, {header: "192.168.50.7"}, os.geteuid()) == ""


def test_a_user_that_is_not_there_is_named_with_its_setting():
    with pytest.raises(SettingsError, match=r"front\.user.*nobody-at-all"):
        caller.uid_of("nobody-at-all")

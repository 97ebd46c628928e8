"""HTTPS on a worker's loop that must not wait: the certificate, and who speaks TLS.

For the web programs of staff, before which no web server stands (portal: nginx, `portal.front`).
"""

import contextlib
import re
import socket
import ssl
from pathlib import Path

from core.log import Log

# The first octet of a TLS record with a handshake; no request begins with it.
_HANDSHAKE = b"\x16"
_ASKED = re.compile(
    rb"GET (/[!-~]*) HTTP/1\.[01]\r\n(?:[^\r\n]+\r\n)*?"
    rb"[Hh]ost:[ \t]*([A-Za-z0-9.:\[\]-]+)[ \t]*\r\n"
)
_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_log = Log("web")


class Certificate:
    """Read anew once its files have changed, so that a renewal takes no restart."""

    def __init__(self, chain: str, key: str) -> None:
        """OSError if the files do not open, or are no pair (ssl.SSLError)."""
        self._files = (chain, key)
        self._stamp = self._stamped()
        self._context = _context(*self._files)

    def wrap(self, sock: socket.socket) -> ssl.SSLSocket:
        """The handshake is part of what is received first."""
        with contextlib.suppress(OSError):
            self._renew()
        return self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)

    def _renew(self) -> None:
        stamp = self._stamped()
        if stamp == self._stamp:
            return
        # Two files are not changed at once: what does not fit yet is tried again once it changes.
        self._stamp = stamp
        try:
            self._context = _context(*self._files)
        except OSError:
            _log.warning("the new certificate cannot be used; the old one stays")

    def _stamped(self) -> tuple[tuple[int, int], ...]:
        found = [Path(each).stat() for each in self._files]
        return tuple((each.st_mtime_ns, each.st_ino) for each in found)


def begins(sock: socket.socket) -> bool:
    """Whether a caller who has not been listened to yet begins to speak TLS. Waits for nobody."""
    return not is_spoken(sock) and sock.recv(1, socket.MSG_PEEK) == _HANDSHAKE


def is_spoken(sock: socket.socket) -> bool:
    return isinstance(sock, ssl.SSLSocket)


def received(sock: socket.socket, most: int) -> bytes:
    """What is there, nothing at the end; BlockingIOError if there is nothing yet."""
    try:
        octets = sock.recv(most)
        # A record that has been read in part wakes no loop.
        while isinstance(sock, ssl.SSLSocket) and sock.pending():
            octets += sock.recv(most)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
        raise BlockingIOError from error
    return octets


def say_goodbye(sock: socket.socket) -> None:
    """Tell the other end that nothing more comes, without waiting for its answer."""
    if isinstance(sock, ssl.SSLSocket):
        with contextlib.suppress(OSError, ValueError):
            sock.unwrap()
    sock.shutdown(socket.SHUT_WR)


def led_over(request: bytes) -> bytes:
    """The answer to somebody who asks in the clear: for a page to the same one by HTTPS.

    A form is refused: what was in it has been seen, and shall not work as if it had not.
    """
    found = _ASKED.match(request)
    if found is None:
        return _REFUSED
    return (
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://%s%s\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n" % (found[2], found[1])
    )


def unproven(sock: socket.socket) -> ssl.SSLSocket:
    """For asking our own programs whether they answer, whatever name their certificate is of."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(sock)


def _context(chain: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain, key)
    return context

"""Whose request this is, where a web server stands in front of the portal.

The portal knows a phone by the address it sends from, so whoever can make up that address
can be anybody. It is taken from the web server alone: the connection comes by the Unix
socket, and the kernel says which user opened it (SO_PEERCRED). A phone that writes the
header itself does not get that far: `nginx.conf` passes on no header of a phone's under
this name.
"""

import os
import pwd
import socket
import struct
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from core.settings import SettingsError

HEADER = "X-Real-IP"

_VARIABLE = "HTTP_" + HEADER.upper().replace("-", "_")
# A `struct ucred`: pid, uid, gid.
_PEER = struct.Struct("3i")


class Caller:
    """WSGI middleware: makes the forwarded address the request's own, or leaves it without any.

    Without an address a phone is nobody's, and is asked to join the Wi-Fi again.
    """

    def __init__(self, application: WSGIApplication, front_uid: int) -> None:
        self._application = application
        # Ourselves: whoever runs as this user can write the database as well.
        self._trusted = {front_uid, os.geteuid()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        told = environ.pop(_VARIABLE, "")
        environ["REMOTE_ADDR"] = told if self._is_front(environ.get("gunicorn.socket")) else ""
        return self._application(environ, start_response)

    def _is_front(self, connection: object) -> bool:
        if not isinstance(connection, socket.socket) or connection.family != socket.AF_UNIX:
            return False
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        return _PEER.unpack(peer)[1] in self._trusted


def uid_of(user: str) -> int:
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise SettingsError(f"front.user: this machine has no user {user}") from None

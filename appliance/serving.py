"""The portal and the dashboard as gunicorn runs them: `appliance.serving:portal()`.

Both go by new pushed settings and wording at once, and lose nobody: the next request builds the
application anew beside the old one, which ends with the requests that it has.
"""

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from core import settings
from core.log import Log
from core.pushed.folder import Folder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_log = Log("serving")


class Renewed:
    """A WSGI application that is built again when the pushed version in force has changed."""

    def __init__(
        self, build: Callable[[], Flask], dispose: Callable[[Flask], None], folder: Folder
    ) -> None:
        self._build, self._dispose, self._folder = build, dispose, folder
        self._lock = threading.Lock()
        # The stamp first: what changes meanwhile is seen at the next request.
        self._seen = folder.stamp()
        self._application = build()

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        return self._current()(environ, start_response)

    def _current(self) -> Flask:
        if self._folder.stamp() == self._seen:
            return self._application
        # All wait: no page of the old wording goes out once one of the new has.
        with self._lock:
            stamp = self._folder.stamp()
            if stamp != self._seen:
                self._seen = stamp
                self._renew()
            return self._application

    def _renew(self) -> None:
        old = self._application
        try:
            self._application = self._build()
        except Exception:  # noqa: BLE001 - better the old settings than no page
            _log.exception("the new settings are not gone by")
            return
        # Connections that are in use now close when they are given back.
        self._dispose(old)
        _log.info("new settings are gone by")


def portal() -> Renewed:
    from portal import visitor, wsgi  # noqa: PLC0415 - the dashboard needs none of it

    return Renewed(
        wsgi.create, lambda app: app.extensions[visitor.EXTENSION].database.dispose(), _folder()
    )


def dashboard() -> Renewed:
    from analytics.dashboard import site  # noqa: PLC0415 - the portal needs none of it
    from appliance import dashboard as made  # noqa: PLC0415 - as above

    return Renewed(
        made.create, lambda app: app.extensions[site.PARTS].database.dispose(), _folder()
    )


def _folder() -> Folder:
    return Folder(settings.load().data_dir)

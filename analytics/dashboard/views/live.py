"""The stream that keeps the first page up to date while it is open."""

import threading
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, render_template, stream_with_context

from analytics.dashboard import glance, guard, live
from analytics.dashboard.live import Told
from analytics.dashboard.parts import wired

pages = Blueprint("live", __name__)

ROOM = "doorman_live_room"


def room(streams: int) -> threading.BoundedSemaphore:
    """For so many streams of one worker process."""
    return threading.BoundedSemaphore(streams)


@pages.get("/live")
def stream() -> Response:
    free: threading.BoundedSemaphore = current_app.extensions[ROOM]
    has_room = free.acquire(blocking=False)
    response = Response(
        stream_with_context(_events(has_room=has_room)), mimetype="text/event-stream"
    )
    if has_room:
        # Not in the generator, which never begins for a browser that has left already.
        response.call_on_close(free.release)
    return response


def _events(*, has_room: bool) -> Iterator[str]:
    return live.stream(_look, wired().pause, has_room=has_room)


def _look() -> Told | None:
    if not guard.is_signed_in():
        return None
    parts = wired()
    found = glance.now(parts.database, parts.settings, parts.gate, parts.clock())
    return Told(
        now=render_template("now.html", glance=found, k=parts.settings.traffic.suppress_below),
        figures=glance.state(parts.database, parts.settings, parts.clock()),
    )

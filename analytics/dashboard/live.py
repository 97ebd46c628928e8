"""What an open page is told while it stays open, as server-sent events. No Flask.

A stream keeps a thread of the server busy. So there are `dashboard.live_streams` of them at the
most, none lasts, and a browser that finds no room is told once how things are and asks again a
little later: by the same means, and without an error.
"""

import dataclasses
from collections.abc import Callable, Iterator

EVERY_S = 5
_TURNS = 60
_AGAIN_SOON_MS = 1_000
_AGAIN_LATER_MS = 20_000


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    now: str
    """A piece of the page: how many are in the store, how many phones online."""
    figures: str
    """Changes whenever the day's figures have."""


def stream(
    look: Callable[[], Told | None], pause: Callable[[float], None], *, has_room: bool
) -> Iterator[str]:
    """The events of one stream, each as soon as there is one.

    Args:
        look: how things are; None as soon as whoever asked is signed in no more.
        pause: waits for some seconds.
        has_room: whether this stream may stay.
    """
    yield f"retry: {_AGAIN_SOON_MS if has_room else _AGAIN_LATER_MS}\n\n"
    last: dict[str, str] = {}
    for turn in range(_TURNS if has_room else 1):
        if turn:
            pause(EVERY_S)
        told = look()
        if told is None:
            yield _event("over", "")
            return
        news = {name: text for name, text in _parts(told) if last.get(name) != text}
        last |= news
        # Without a word now and then, nobody would notice that the page has been closed.
        yield "".join(_event(*each) for each in news.items()) or ": nothing new\n\n"


def _parts(told: Told) -> Iterator[tuple[str, str]]:
    yield "now", told.now
    yield "figures", told.figures


def _event(name: str, text: str) -> str:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n"

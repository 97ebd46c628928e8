"""News of every sort from a stolen store, with every field of each spoilt in every way."""

import collections
import copy
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import headquarters
from hq.intake.folding import Folding
from hq.models.inbox import InboxEvent, InboxState
from tests.attack.test_stores_api import send
from tests.hq.parts import Relay

EXAMPLES = json.loads((Path(__file__).parents[2] / "docs" / "events" / "examples.json").read_text())
HOSTILE = [
    None,
    10**30,
    "\0",
    "x" * 3000,
    "9999-12-31T23:59:59.999999+14:00",
    {"$ne": None},
]


@pytest.fixture
def relay(hq, sealer, now):
    return Relay(hq, sealer, now)


def places(event, path=()):
    """Where in it a value stands, each as a path."""
    inside = event.items() if isinstance(event, dict) else enumerate(event)
    for name, value in inside:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from places(value, (*path, name))


def spoilt(event):
    for path in places(event):
        for value in HOSTILE:
            other = copy.deepcopy(event)
            place = other
            for name in path[:-1]:
                place = place[name]
            place[path[-1]] = value
            yield other


def numbered(events):
    """As events of their own: of what is known already nothing new comes."""
    for number, event in enumerate(events):
        yield event if event.get("id") in HOSTILE else event | {"id": f"01KB{number:022}"}


def test_nothing_in_the_news_stops_what_takes_or_folds_it(relay, settings):
    events = list(numbered(other for each in EXAMPLES.values() for other in spoilt(each)))
    good = [each | {"id": f"01KC{n:022}"} for n, each in enumerate(EXAMPLES.values())]
    requests = [events[first : first + 200] for first in range(0, len(events), 200)]

    answers = [send(relay, headquarters.EVENTS, json.dumps(each).encode()) for each in requests]
    last = send(relay, headquarters.EVENTS, json.dumps(good).encode())
    Folding(settings, relay.database, relay.sealer, relay.clock).run()

    assert {each.status_code for each in answers} == {200}
    assert last.status_code == 200
    with relay.database.reading() as session:
        states = collections.Counter(session.scalars(sa.select(InboxEvent.state)))
    assert set(states) == {InboxState.FOLDED, InboxState.PARKED}
    # Most is refused at once; all that was sent rightly is folded.
    assert len(EXAMPLES) <= states[InboxState.FOLDED] < len(events)

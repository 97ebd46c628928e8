"""Requests that are under way: as many at once as the CRM takes, answered in their order.

Only the requests are made in threads. The database is the sender's own affair, in one thread.
"""

import collections
import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from core.log import Log
from crm.backlog import Waiting
from crm.event import Event
from crm.shape import Answer, CrmError, PermanentCrmError, Refusal

# What a connector stumbles with over data that it did not expect, as from before an upgrade. It
# says nothing of the CRM, and would be so for ever; but a disk that is full would not.
_OF_WHAT_WAS_SENT = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError)

_log = Log("crm")

Outcome = Mapping[str, Answer] | CrmError


@dataclasses.dataclass(frozen=True, slots=True)
class Batch:
    """What went into one request: outbox rows, and the events in them."""

    rows: Sequence[Waiting]
    events: Sequence[Event]


class UnderWay:
    def __init__(self, send: Callable[[Sequence[Event]], Mapping[str, Answer]], pool: Any) -> None:
        self._send, self._pool = send, pool
        self._requests: collections.deque[tuple[Batch, Future[Outcome]]] = collections.deque()
        self._subjects: set[tuple[str, str]] = set()

    def begin(self, batch: Batch) -> None:
        self._subjects |= {(row.source, row.subject) for row in batch.rows}
        self._requests.append((batch, self._pool.submit(self._ask, batch)))

    def is_about(self, row: Waiting) -> bool:
        """Whether news of its subject is under way.

        That need not wait any more: newer news may have taken its place.
        """
        return (row.source, row.subject) in self._subjects

    def oldest(self) -> tuple[Batch, Outcome]:
        """Wait for the answer to the oldest of them."""
        batch, request = self._requests.popleft()
        outcome = request.result()
        self._subjects -= {(row.source, row.subject) for row in batch.rows}
        return batch, outcome

    def __len__(self) -> int:
        return len(self._requests)

    def _ask(self, batch: Batch) -> Outcome:
        try:
            return self._send(batch.events)
        except CrmError as error:
            return error
        except _OF_WHAT_WAS_SENT as error:
            # Not its message: that may quote the event.
            _log.error("events cannot be put as the CRM wants them", error=type(error).__name__)
            return PermanentCrmError(Refusal.BAD_DATA)


class _AtOnce:
    """Stands for a pool where one request is made at a time: there a thread is of no use."""

    def submit(self, ask: Callable[[Batch], Outcome], batch: Batch) -> "Future[Outcome]":
        request: Future[Outcome] = Future()
        request.set_result(ask(batch))
        return request


@contextlib.contextmanager
def requests(
    send: Callable[[Sequence[Event]], Mapping[str, Answer]], at_once: int
) -> Iterator[UnderWay]:
    if at_once == 1:
        yield UnderWay(send, _AtOnce())
        return
    with ThreadPoolExecutor(at_once, "crm") as pool:
        yield UnderWay(send, pool)

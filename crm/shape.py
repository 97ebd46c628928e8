"""What every CRM looks like to the sending: one file a CRM, with a class of this shape."""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Protocol

from core.outbox import EventType
from crm.event import Event


class Outcome(enum.StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """The CRM has had this event before: as good as accepted."""
    REFUSED = "refused"
    """The CRM will never take this event."""


class Refusal(enum.StrEnum):
    """Why an event was refused. A CRM's own words are not kept: they may quote the event."""

    UNKNOWN_TYPE = "unknown_type"
    BAD_ENVELOPE = "bad_envelope"
    BAD_DATA = "bad_data"
    TOO_LARGE = "too_large"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "Refusal":  # noqa: ARG003 - whatever it was
        return cls.OTHER


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a CRM said to one event; `refusal` goes with REFUSED alone."""

    outcome: Outcome
    refusal: Refusal | None = None


class CrmError(Exception):
    """A request came to nothing.

    `reason` is a word of ours or an HTTP status (`http_503`), fit for logs and tables.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporaryCrmError(CrmError):
    """The same request may succeed later: `retry_after_s` from now, if the CRM said so."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class PermanentCrmError(CrmError):
    """The CRM will never take this request. A smaller one it may."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """One request that an event leads to. It may hold personal data; `repr` shows none."""

    event_ids: tuple[str, ...]
    """The events that it carries, or that it is about."""
    method: str
    address: str
    body: object
    """JSON-ready; None without a body."""

    def __repr__(self) -> str:
        return f"Preview({', '.join(self.event_ids)})"


class Crm(Protocol):
    @property
    def takes(self) -> frozenset[EventType]:
        """What it has a place for. Of other events it is not told; they count as sent."""

    @property
    def at_once(self) -> int:
        """How many requests may be under way at the same time, each about other subjects.

        1 for a CRM whose connector is not safe for threads.
        """

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        """Hand over events, oldest first; the answers by event id.

        An event without an answer is sent again later, and so may one with an answer
        that we did not live to write down: the CRM must know events by their id.

        Raises:
            TemporaryCrmError: nothing is known about any of them; try later.
            PermanentCrmError: the request as a whole was refused for good.
        """

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        """The requests that `send` would make of them, in order; nothing leaves this machine.

        Where a request depends on what the CRM would answer, it shows what is sent to a CRM
        that has nothing yet but what we remember of it. A value may be masked (`*` in the place
        of what is hidden), so it is not to be judged here.
        """

    def close(self) -> None:
        """End its connections."""

"""What a sensor and its store's box say to each other: requests, answers, reasons to refuse."""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

MOST_COUNTS = 150
"""Of one batch."""

BOX_NAME = "box.doorman.invalid"
"""What a sensor expects in the box's certificate, wherever in the network the box is."""


class Reason(enum.StrEnum):
    """Why the box refuses what a sensor says. Both count each reason."""

    HANDSHAKE = "handshake"
    """No TLS, or no certificate of this store that is good today. No answer says so."""
    MALFORMED = "malformed"
    """No JSON object, or one with a field too many or too few."""
    VERSION = "version"
    REVOKED = "revoked"
    """Its certificate is none that may send, or no longer."""
    WRONG_NAME = "wrong_name"
    """It claims another sensor's name."""
    CLOCK = "clock"
    """Its clock is further from the box's than can be put right."""
    BAD_VALUE = "bad_value"
    """A value of a kind or size that it cannot have."""
    TOO_MANY = "too_many"
    """More rows or counts than a batch may have."""
    KEY_GONE = "key_gone"
    """Made under a key that the box does not have, or no longer."""
    WRONG_PERIOD = "wrong_period"
    """Heard outside the period of its key, or after now."""
    TOO_LATE = "too_late"
    """Heard on a day whose figures may be closed by now."""
    BUSY = "busy"
    """The box cannot take more at the moment: ask again."""


class RefusedError(Exception):
    """The box refuses. The message is the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Row(NamedTuple):
    """One probe request, under a pseudonym, and which of its phone's frames it was."""

    heard_at_us: int
    address: int
    fingerprint: int
    randomised: bool
    signal_dbm: int | None
    frequency_mhz: int | None
    sequence: int


@dataclasses.dataclass(frozen=True, slots=True)
class Greet:
    """Asks whether the box would take something, and nothing else: it is lent no key."""

    sensor: str
    sent_us: int


@dataclasses.dataclass(frozen=True, slots=True)
class AskKeys:
    sensor: str
    sent_us: int
    leave_out: str
    """Version of the list it has of whom to leave out; empty: none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Take:
    sensor: str
    sent_us: int
    run: str
    number: int
    key: str
    rows: Sequence[Row] = dataclasses.field(repr=False)
    counts: Mapping[str, int]


Request: TypeAlias = Greet | AskKeys | Take


@dataclasses.dataclass(frozen=True, slots=True)
class HandedKey:
    """A key of the store, and for which moments it makes pseudonyms."""

    id: str
    from_us: int
    until_us: int
    late_us: int
    """How long after its end something made with it may still be sent."""
    key: bytes = dataclasses.field(repr=False)

    def is_over(self, now_us: int) -> bool:
        """Whether the box takes nothing more that was made with it."""
        return now_us >= self.until_us + self.late_us


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What every answer says: when the request came, and when this left."""

    received_us: int
    answered_us: int


@dataclasses.dataclass(frozen=True, slots=True)
class Keys(Answer):
    bits: int
    """How long a pseudonym is."""
    keys: Sequence[HandedKey]
    leave_out: str | None = dataclasses.field(repr=False)
    """The list of whom to leave out (`core.do_not_count`); empty: there is none. None: the
    sensor has it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Taken(Answer):
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class Refused(Answer):
    reason: Reason

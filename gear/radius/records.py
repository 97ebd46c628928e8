"""What is remembered of a phone: that it may pass, and where it is."""

import dataclasses

from gate.shape import Limits
from gear.radius.words import Phone


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Admission:
    """That a phone may pass until `ends_at`, by the clock that a reboot begins anew."""

    ends_at: float
    limits: Limits
    counted: int
    """What the phone's counters stood at when it was admitted."""
    label: str
    """Its Class: what the gateway repeats in each report."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A phone at one gateway."""

    phone: Phone
    is_open: bool
    """Whether the gateway lets it pass, on our word."""
    is_here: bool
    """Whether the gateway still has it."""
    asked_at: float
    """When it came there; 0 if that was before our memory begins."""
    heard_at: float

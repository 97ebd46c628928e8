"""Hides what is personal in an event, before it is shown to somebody."""

from collections.abc import Callable, Mapping

from core.outbox import EventType
from crm.event import Event

_LEFT_OPEN = 4


def phone(value: str) -> str:
    return f"{value[:-8]}****{value[-_LEFT_OPEN:]}"


def _email(value: str) -> str:
    name, _, domain = value.rpartition("@")
    return f"{name[:1]}***@{domain}"


def _end(value: str) -> str:
    return f"****{value[-_LEFT_OPEN:]}" if len(value) > 2 * _LEFT_OPEN else "****"


def _openid(value: str) -> str:
    account, _, name = value.rpartition(":")
    return f"{account}:{_end(name)}"


# By field of an event's `data`. A test goes over the fields of all events.
_MASKS: Mapping[str, Callable[[str], str]] = {
    "phone": phone,
    "email": _email,
    "unionid": _end,
    "openids": _openid,
    "code": _end,
}
HIDDEN = frozenset(_MASKS)
"""The fields that are hidden."""


class _Masked(Event):
    """One whose values are hidden: what is remembered of whom it is about is hidden as well."""


def masked(event: Event) -> Event:
    """The same event; with `*` in the place of most of what says who somebody is."""
    data = {name: _masked(name, value) for name, value in event.data.items()}
    return _Masked.telling(
        data,
        id=event.id,
        type=EventType(event.type).value,
        source=event.source,
        subject=event.subject,
        time=event.time,
    )


def is_masked(event: Event) -> bool:
    return isinstance(event, _Masked)


def remote_id(event: Event, value: str) -> str:
    """What the CRM calls somebody, as it may be shown with this event."""
    return _end(value) if is_masked(event) else value


def _masked(name: str, value: object) -> object:
    mask = _MASKS.get(name)
    if mask is None or value is None:
        return value
    if isinstance(value, list):
        return [mask(str(each)) for each in value]
    return mask(str(value))

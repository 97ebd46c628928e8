"""Which settings headquarters may push. All others are the store's own business.

Never keys, passwords, addresses of carriers and databases, the network, folders: whoever has
headquarters must not get hold of a store's network or of what it knows. A store goes by this
list both when it takes a version and whenever it reads one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_ALL = None

ALLOWED: Mapping[str, frozenset[str] | None] = {
    "campaigns": _ALL,
    "plans": _ALL,
    "portal": frozenset({"minimum_age", "venue_url"}),
    "reports": frozenset({"hour"}),
    "sms": frozenset(
        {
            "alarm_below_percent",
            "numbers_per_device_day",
            "sends_per_device_day",
            "sends_per_number_day",
            "sends_per_number_hour",
            "sends_per_store_day",
        }
    ),
    "store": frozenset({"contact", "countries", "language"}),
    "traffic": frozenset({"suppress_below"}),
    "ways": _ALL,
    "wechat": _ALL,
}
"""By group: the names in it; None: all of them."""


def forbidden(settings: Mapping[str, Any]) -> list[str]:
    """The names that may not be pushed, as docs/settings.md writes them."""
    return [name for name, is_allowed in _judged(settings) if not is_allowed]


def only(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What may be pushed of `settings`."""
    return {
        group: kept
        for group, values in settings.items()
        if isinstance(values, Mapping)
        and (kept := {name: values[name] for name in values if _may(group, name)})
    }


def _judged(settings: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for group, values in settings.items():
        if not isinstance(values, Mapping):
            yield group, False
            continue
        for name in values:
            yield f"{group}.{name}", _may(group, name)


def _may(group: str, name: str) -> bool:
    if group not in ALLOWED:
        return False
    names = ALLOWED[group]
    return names is None or name in names

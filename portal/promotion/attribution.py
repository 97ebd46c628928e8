"""Who counts as having brought somebody. Pure.

The first source has them for the window of protection, whoever comes after; from then on,
the last one. Nobody counts once the window of validity is over. To come again by the same
source begins both windows anew.
"""

import dataclasses
import datetime as dt


@dataclasses.dataclass(frozen=True, slots=True)
class Windows:
    """`validity` is not shorter than `protection`."""

    protection: dt.timedelta
    validity: dt.timedelta


@dataclasses.dataclass(frozen=True, slots=True)
class Attribution:
    source_id: int
    since: dt.datetime
    entered_at: dt.datetime
    """When they last came by this source."""
    protected_until: dt.datetime
    until: dt.datetime


def after(
    current: Attribution | None, source_id: int, at: dt.datetime, windows: Windows
) -> Attribution:
    """Whose somebody is who comes by `source_id` at `at`, having been `current` before.

    News that is older than what is known changes nothing.
    """
    if current is None or at >= current.until:
        return _begin(source_id, at, windows)
    if at < current.entered_at:
        return current
    if source_id == current.source_id:
        return dataclasses.replace(_begin(source_id, at, windows), since=current.since)
    return current if at < current.protected_until else _begin(source_id, at, windows)


def of(current: Attribution | None, now: dt.datetime) -> int | None:
    """The source that counts now, if any."""
    return current.source_id if current and now < current.until else None


def _begin(source_id: int, at: dt.datetime, windows: Windows) -> Attribution:
    return Attribution(source_id, at, at, at + windows.protection, at + windows.validity)

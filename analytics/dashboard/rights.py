"""Who may see and do what, as one table. No Flask.

Closed by default: a view that is in no line of it is shut to everybody who is signed in, as
every view but those in `guard.OPEN` is to everybody who is not.
"""

import dataclasses
import enum
import functools
from collections.abc import Mapping

from core.models.user import Role


class Log(enum.StrEnum):
    """Which uses of a right leave a row in the audit log."""

    NOT = "not"
    """Nothing personal is seen, nothing changed."""
    EACH = "each"
    FIRST = "first"
    """Each, but of a page that fetches itself anew, or of taps, one in `audit.SAME_LOOK`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Right:
    name: str
    """Its text is `rights.<name>`."""
    endpoints: tuple[str, ...]
    roles: frozenset[Role]
    log: Log = Log.NOT


@dataclasses.dataclass(frozen=True)
class Rights:
    table: tuple[Right, ...]

    def to(self, endpoint: str) -> Right | None:
        """The right that this view is part of; None: nobody has thought of it."""
        return self._of_endpoint.get(endpoint)

    def may(self, role: Role, endpoint: str) -> bool:
        right = self.to(endpoint)
        return right is not None and role in right.roles

    @functools.cached_property
    def _of_endpoint(self) -> Mapping[str, Right]:
        return {endpoint: right for right in self.table for endpoint in right.endpoints}

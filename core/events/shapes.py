"""What the parts of all events have in common."""

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
Store = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
Day = Annotated[str, Field(pattern=r"^20\d{2}-\d{2}-\d{2}$")]
Moment = Annotated[
    AwareDatetime,
    Field(ge=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), lt=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)),
]
"""A clock that has not been set yet tells 1970; what is beyond, databases cannot all hold."""
Version = Annotated[int, Field(ge=1, lt=1 << 31)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Shown = Count | None
"""A count as it may be seen; null if it is too small."""


class Part(BaseModel):
    # Stricter than we ask others to be: a new field has to be written down here first.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="forbid", use_attribute_docstrings=True
    )


class AboutMember(Part):
    """What every event about a member says."""

    member: Id
    """What we know them by; says nothing about the person. Equal to `subject`."""
    store: Store
    """The store that tells."""
    version: Version
    """The member's as of this event: each event about them has a greater one than those before."""


class Envelope(Part):
    """One event: CloudEvents 1.0, JSON format. A request carries a JSON array of them."""

    specversion: Literal["1.0"]
    id: Id
    """ULID. The same event always has the same one: take each id once."""
    source: Annotated[str, Field(pattern="^/stores/[a-z0-9][a-z0-9-]{0,62}$")]
    """The store it happened in."""
    type: str
    """What happened; says which schema `data` follows. Refuse types you do not know."""
    subject: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """What it is about: a member's id, a day, an hour, a sensor. Those of one come in order."""
    time: Moment
    """When it happened, RFC 3339, in UTC."""
    datacontenttype: Literal["application/json"]
    data: dict[str, Any]

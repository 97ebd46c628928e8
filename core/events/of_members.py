"""What is told of members: only of those who agreed to be one, only what they agreed to."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from core.events.shapes import AboutMember, Id
from core.models.consent import Purpose

Language = Annotated[str, Field(max_length=8)]
Agreed = Literal[Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS]


class Member(AboutMember):
    """A member, whole: everything the person agreed to have sent, as of `version`."""

    phone: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None
    """The number they proved to have last, E.164; null if none."""
    phone_verified_at: AwareDatetime | None
    """When they last proved to have it; null if there is none."""
    phone_bound_at: AwareDatetime | None
    """When it was last proven together with a WeChat account; null if never."""
    email: Annotated[str, Field(max_length=254)] | None
    """The address they proved to have last; null if none."""
    email_verified_at: AwareDatetime | None
    """As of the number."""
    email_bound_at: AwareDatetime | None
    """As of the number."""
    unionid: str | None
    """WeChat's name for them towards all accounts of the brand; null if none."""
    openids: list[str]
    """WeChat's names for them towards single accounts: `appid:openid`."""
    language: Language
    """Of the pages they saw, such as `zh` or `en`."""
    enrolled_at: AwareDatetime
    consents: list[Agreed]
    """What they agree to now. Without `marketing` among them, send them nothing."""


class Merge(AboutMember):
    """Members turned out to be one person. The person as a whole follows as an update."""

    absorbed: Annotated[list[Id], Field(min_length=1)]
    """Who is the same person as `member`, who stays. Nothing will be heard of them again."""


class Tombstone(AboutMember):
    """A member wishes to be forgotten. Delete all that you know of them.

    They are never heard of again; who comes back is somebody new.
    """

    absorbed: list[Id]
    """Who is the same person, by mergers that you may not have been told of: delete them, too."""
    erased_at: AwareDatetime


class _Consent(AboutMember):
    purpose: Agreed
    wording_version: Annotated[str, Field(min_length=1, max_length=16)]
    """Which words they agreed to: the store can show them."""
    language: Language
    """In which language they read them."""
    given_at: AwareDatetime


class ConsentGiven(_Consent):
    """A member agrees to `purpose`, from now on."""


class ConsentWithdrawn(_Consent):
    """A member agrees to `purpose` no longer. Stop at once what rests on it.

    What they had agreed to last, and when, is said along.
    """

    withdrawn_at: AwareDatetime


class Visit(AboutMember):
    """A visit of a member who agrees to `visit_analytics`, once it is over.

    It comes from when their phone used the Wi-Fi they had logged in to, never from the sensor.
    """

    start: AwareDatetime
    end: AwareDatetime
    """When their phone was last heard of."""
    dwell_s: Annotated[int, Field(ge=0)]
    """From `start` to `end`."""
    source: Literal["wifi"]

"""What is told of members: only of those who agreed to be one, only what they agreed to."""

from typing import Annotated, Literal

from pydantic import Field

from core.events.shapes import AboutMember, Count, Id, Moment
from core.models.consent import Purpose

Language = Annotated[str, Field(pattern="^[A-Za-z0-9-]{0,8}$")]
Agreed = Literal[Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS]


class Member(AboutMember):
    """A member, whole: everything the person agreed to have sent, as of `version`."""

    phone: Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")] | None
    """The number they proved to have last, E.164; null if none."""
    phone_verified_at: Moment | None
    """When they last proved to have it; null if there is none."""
    phone_bound_at: Moment | None
    """When it was last proven together with a WeChat account; null if never."""
    email: Annotated[str, Field(max_length=254)] | None
    """The address they proved to have last; null if none."""
    email_verified_at: Moment | None
    """As of the number."""
    email_bound_at: Moment | None
    """As of the number."""
    unionid: Annotated[str, Field(max_length=128)] | None
    """WeChat's name for them towards all accounts of the brand; null if none."""
    openids: Annotated[list[Annotated[str, Field(max_length=256)]], Field(max_length=100)]
    """WeChat's names for them towards single accounts: `appid:openid`."""
    language: Language
    """Of the pages they saw, such as `zh` or `en`."""
    enrolled_at: Moment
    consents: Annotated[list[Agreed], Field(max_length=10)]
    """What they agree to now. Without `marketing` among them, send them nothing."""


class Merge(AboutMember):
    """Members turned out to be one person. The person as a whole follows as an update."""

    absorbed: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    """Who is the same person as `member`, who stays. Nothing will be heard of them again."""


class Tombstone(AboutMember):
    """A member wishes to be forgotten. Delete all that you know of them.

    They are never heard of again; who comes back is somebody new.
    """

    absorbed: Annotated[list[Id], Field(max_length=1000)]
    """Who is the same person, by mergers that you may not have been told of: delete them, too."""
    erased_at: Moment


class _Consent(AboutMember):
    purpose: Agreed
    wording_version: Annotated[str, Field(min_length=1, max_length=16)]
    """Which words they agreed to: the store can show them."""
    language: Language
    """In which language they read them."""
    given_at: Moment


class ConsentGiven(_Consent):
    """A member agrees to `purpose`, from now on."""


class ConsentWithdrawn(_Consent):
    """A member agrees to `purpose` no longer. Stop at once what rests on it.

    What they had agreed to last, and when, is said along.
    """

    withdrawn_at: Moment


class Visit(AboutMember):
    """A visit of a member who agrees to `visit_analytics`, once it is over.

    It comes from when their phone used the Wi-Fi they had logged in to, never from the sensor.
    """

    start: Moment
    end: Moment
    """When their phone was last heard of."""
    dwell_s: Count
    """From `start` to `end`."""
    source: Literal["wifi"]

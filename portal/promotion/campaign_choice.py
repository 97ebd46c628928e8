"""Which of a store's campaigns somebody is shown. Pure."""

import dataclasses
import datetime as dt
from collections.abc import Iterable

from core.models.campaign import Audience, Campaign, Spot


@dataclasses.dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page, as far as it is known."""

    store: str
    language: str
    is_member: bool = False
    segment: Audience | None = None
    """None: nobody we may know the visits of."""
    groups: frozenset[int] = frozenset()


def choose(
    campaigns: Iterable[Campaign], viewer: Viewer, spot: Spot, now: dt.datetime
) -> Campaign | None:
    """The one to show at `spot`: made for the fewest, and of those the last to begin."""
    fitting = [each for each in campaigns if each.spot is spot and fits(each, viewer, now)]
    return max(fitting, key=_rank, default=None)


def fits(campaign: Campaign, viewer: Viewer, now: dt.datetime) -> bool:
    """Whether a campaign runs now, for this viewer."""
    stores = campaign.stores.split()
    return (
        campaign.ended_at is None
        and campaign.starts_at <= now < campaign.ends_at
        and (not stores or viewer.store in stores)
        and campaign.language in {"", viewer.language}
        and _is_for(campaign, viewer)
    )


def _is_for(campaign: Campaign, viewer: Viewer) -> bool:
    if campaign.audience is Audience.EVERYONE:
        return True
    if campaign.audience is Audience.MEMBERS:
        return viewer.is_member
    if campaign.audience is Audience.GROUP:
        return campaign.group_id in viewer.groups
    return campaign.audience is viewer.segment


_BREADTH = {Audience.EVERYONE: 0, Audience.MEMBERS: 1, Audience.GROUP: 3}
_SEGMENT = 2


def _rank(campaign: Campaign) -> tuple[int, bool, dt.datetime, int]:
    narrowness = _BREADTH.get(campaign.audience, _SEGMENT)
    return narrowness, bool(campaign.language), campaign.starts_at, campaign.id

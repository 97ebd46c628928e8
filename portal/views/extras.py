"""What the pages show beside the Wi-Fi: a campaign, coupons, a question."""

import dataclasses

from sqlalchemy.exc import OperationalError

from core.log import Log
from core.models.campaign import Campaign, Spot
from portal.promotion import campaign_choice, coupons, surveys
from portal.promotion.coupons import Held
from portal.promotion.surveys import Asked
from portal.visitor import Visitor, wired
from portal.ways.standing import Stage

_log = Log("portal")


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """What `campaign.html` shows."""

    heading: str
    line: str
    picture: str
    picture_text: str
    link: str
    """On this portal: it counts, and leads on. Empty: the card leads nowhere."""


def card(campaign: Campaign) -> Card:
    return Card(
        campaign.heading,
        campaign.line,
        f"/pictures/{campaign.picture}" if campaign.picture else "",
        campaign.picture_text,
        f"/c/{campaign.id}" if campaign.link else "",
    )


def shown(visitor: Visitor, spot: Spot) -> Card | None:
    """The campaign for this page and visitor, counted as shown."""
    desk, database = wired().campaign_desk, wired().database
    with database.reading() as session:
        running = desk.running(session, visitor.now)
        if not running:
            return None
        viewer = desk.viewer(session, member_id_of(visitor), visitor.language, visitor.now)
    chosen = campaign_choice.choose(running, viewer, spot, visitor.now)
    if chosen is None:
        return None
    try:
        with database.writing() as session:
            desk.count(session, chosen.id, "impressions", visitor.now)
    except OperationalError:
        # A busy database is no reason to keep anybody from the Wi-Fi.
        _log.warning("an impression was not counted", campaign=chosen.id)
    return card(chosen)


def held_coupons(visitor: Visitor) -> list[Held]:
    member_id = member_id_of(visitor)
    if member_id is None:
        return []
    with wired().database.reading() as session:
        return list(coupons.held(session, member_id, visitor.now))


def survey(visitor: Visitor) -> Asked | None:
    device = visitor.standing.device
    if device is None:
        return None
    with wired().database.reading() as session:
        return surveys.current(session, visitor.language, device, member_id_of(visitor))


def member_id_of(visitor: Visitor) -> int | None:
    """Whose session this is. Before the login a phone is nobody's."""
    standing = visitor.standing
    return standing.grant.member_id if standing.grant and standing.stage is Stage.ONLINE else None

"""What a member's login brings besides the Wi-Fi: who brought them, and a coupon."""

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from core.models.campaign import CouponKind
from core.models.member import Member
from core.sealing import Sealer
from core.setting_groups.campaigns import CampaignSettings
from core.setting_groups.store import StoreSettings
from portal.promotion import campaign_choice
from portal.promotion.campaigns import CampaignDesk
from portal.promotion.coupons import CouponDesk
from portal.promotion.sources import SourceDesk


@dataclasses.dataclass(frozen=True, slots=True)
class Arrival:
    sealer: Sealer
    store: StoreSettings
    settings: CampaignSettings

    def tell_again(self, session: Session, member: Member, now: dt.datetime) -> None:
        """Tell the CRM who brought a member who turned out to be several."""
        SourceDesk(self.sealer, self.store.id, self.settings).tell_again(session, member, now)

    def settle(
        self, session: Session, device_id: int, member_id: int, language: str, now: dt.datetime
    ) -> None:
        """Write it all down in the transaction of the login, before the gate is told."""
        # One login of a member at a time, or two phones would get two coupons.
        member = session.get_one(Member, member_id, with_for_update=True)
        SourceDesk(self.sealer, self.store.id, self.settings).put_down(
            session, device_id, member, now
        )
        desk = CampaignDesk(self.store, self.settings)
        gifts = [each for each in desk.running(session, now) if each.coupon is not CouponKind.NONE]
        if not gifts:
            return
        viewer = desk.viewer(session, member.id, language, now)
        coupons = CouponDesk(self.sealer, self.store.id)
        for campaign in gifts:
            if campaign_choice.fits(campaign, viewer, now):
                coupons.issue(session, campaign, member, now)

"""Draws the pages that a campaign stands on, as shoppers would see them. Nobody logs in here."""

import dataclasses
import datetime as dt
import functools
from pathlib import Path

from core.models.campaign import Campaign, CouponKind, Spot
from portal import page, wording
from portal.application import create_app
from portal.parts import Parts
from portal.promotion.coupons import Held
from portal.views import extras

# What a made-up shopper has left.
_TIME_LEFT = dt.timedelta(hours=4)


class Preview:
    """Of the portal that `parts` describe. It writes nothing and asks nothing of the gate."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._app = create_app(parts)

    def page(self, campaign: Campaign, language: str, picture: str) -> str:
        card = dataclasses.replace(
            extras.card(campaign), picture=picture, link="#campaign" if campaign.link else ""
        )
        draw = self._first if campaign.spot is Spot.FIRST else self._online
        with self._app.test_request_context("/"):
            return draw(campaign, card, language)

    def style(self) -> bytes:
        return (Path(__file__).parent / "static" / "portal.css").read_bytes()

    def _first(self, _campaign: Campaign, card: extras.Card, language: str) -> str:
        return page.render(
            "phone.html",
            language,
            typed={},
            faults={},
            sms_is_open=True,
            sms_works=True,
            countries=self._parts.settings.store.countries,
            campaign=card,
        ).get_data(as_text=True)

    def _online(self, campaign: Campaign, card: extras.Card, language: str) -> str:
        zone, now = self._parts.settings.store.zone, self._parts.clock()
        say = functools.partial(self._parts.texts.text, language)
        coupons = []
        if campaign.coupon is not CouponKind.NONE:
            code = (campaign.coupon_pattern or "ABCD-1234").replace("#", "8")
            expires_at = now + dt.timedelta(days=campaign.coupon_days or 0)
            coupons = [Held(code, campaign.coupon_text or "", expires_at)]
        return page.render(
            "online.html",
            language,
            until=wording.clock(language, now + _TIME_LEFT, now, zone),
            time_left=wording.span(say, _TIME_LEFT),
            coupons=coupons,
            campaign=card,
        ).get_data(as_text=True)

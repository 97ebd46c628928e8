"""The till: a code is typed in, and is used up."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import coupons
from analytics.dashboard.coupons import Outcome
from analytics.dashboard.parts import wired

pages = Blueprint("coupons", __name__)


@pages.get("/coupons")
def page() -> ResponseReturnValue:
    return render_template("coupons.html", outcome=None, longest=coupons.LONGEST)


@pages.post("/coupons")
def redeem() -> ResponseReturnValue:
    """Answered with the page itself: sent again, the code has been used, and it says so."""
    parts = wired()
    outcome, worth = coupons.redeem(
        parts.database,
        parts.sealer,
        parts.settings.store.id,
        request.form.get("code", ""),
        parts.clock(),
    )
    return render_template(
        "coupons.html", outcome=outcome, worth=worth, longest=coupons.LONGEST
    ), 200 if outcome is Outcome.USED else 422

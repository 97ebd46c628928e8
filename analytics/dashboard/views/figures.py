"""What each figure means, in short; docs/figures/ has it in full."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from analytics.calibration import learnt_zones, thresholds
from analytics.dashboard.parts import wired

pages = Blueprint("figures", __name__)


@pages.get("/figures")
def page() -> ResponseReturnValue:
    parts = wired()
    with parts.database.reading() as session:
        today = parts.settings.today(parts.clock())
        learnt = learnt_zones.find(session, today)
        rules = thresholds.rules(session, parts.settings, today, learnt)
    return render_template("figures.html", rules=rules)

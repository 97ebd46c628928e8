"""Whether the appliance does its work."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from analytics.dashboard import health
from analytics.dashboard.parts import wired

pages = Blueprint("status", __name__)


@pages.get("/status")
def page() -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    outbox = health.of_outbox(parts.database)
    return render_template(
        "status.html",
        now=now,
        sensor=health.of_sensor(
            parts.settings.sightings_dir, parts.settings.status_dir, parts.settings.today(now)
        ),
        outbox=outbox,
        is_late=health.is_late(outbox, now),
        has_crm=parts.settings.crm.is_on,
        opt_outs=health.of_opt_outs(parts.database, parts.settings.traffic.suppress_below, now),
    )

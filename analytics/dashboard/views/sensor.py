"""The sensor, radio by radio: whether it hears, and what to do if not."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from analytics.dashboard import attention, health, listening
from analytics.dashboard.parts import wired

pages = Blueprint("sensor", __name__)


@pages.get("/sensor")
def page() -> ResponseReturnValue:
    parts = wired()
    now = parts.clock()
    settings = parts.settings
    day = settings.today(now)
    found = health.of_sensor(settings.sightings_dir, settings.status_dir, day)
    return render_template(
        "sensor.html",
        now=now,
        sensor=found,
        state=found.state(now),
        since=attention.since(found, now),
        lines=listening.lines(found, settings.sensor, now),
        a_minute=listening.a_minute(settings.sightings_dir, day, now),
        tallies=listening.overall(found.tallies),
        is_strict=settings.sensor.strict,
        opt_outs=health.of_opt_outs(parts.database, settings.traffic.suppress_below, now),
    )

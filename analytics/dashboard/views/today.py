"""The first page: what needs a look, the store now, and the day so far."""

import datetime as dt

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from analytics.calibration import calibration, calibration_report
from analytics.dashboard import attention, glance, health, hours, language, roles
from analytics.dashboard.attention import Notice
from analytics.dashboard.glance import Now
from analytics.dashboard.health import SensorHealth
from analytics.dashboard.parts import wired
from analytics.figures import anomalies, presence_report, report
from analytics.figures.report import DayReport, Estimate
from analytics.logins import portal_report
from analytics.logins.portal_report import PortalReport

pages = Blueprint("today", __name__)

REFRESH_S = 60
"""Of a browser without script."""


@pages.get("/")
def page() -> ResponseReturnValue:
    parts = wired()
    at = parts.clock()
    day = parts.settings.today(at)
    found = report.find(parts.database, parts.settings, day)
    a_week_ago = report.find(parts.database, parts.settings, day - glance.A_WEEK)
    sensor = health.of_sensor(parts.settings.sightings_dir, parts.settings.status_dir, day)
    now = glance.now(parts.database, parts.settings, parts.gate, at)
    is_first_day = not glance.has_day_before(parts.database, day)
    say = language.wording()
    return render_template(
        "today.html",
        day=day,
        now=at,
        refresh_s=REFRESH_S,
        state=glance.state(parts.database, parts.settings, at),
        notices=_notices(sensor, now, day, at),
        glance=now,
        report=found,
        a_week_ago=a_week_ago,
        so_far={name: glance.so_far(found, a_week_ago, name, at) for name in hours.FIGURES},
        hours=hours.beside(found, a_week_ago, day, parts.settings.store.zone, say),
        people=_people(found, at),
        portal=_portal(day),
        presence=presence_report.find(parts.database, parts.settings, day),
        sensor_state=sensor.state(at),
        is_strict=parts.settings.sensor.strict,
        is_first_day=is_first_day,
        k=parts.settings.traffic.suppress_below,
    )


def _notices(sensor: SensorHealth, now: Now, day: dt.date, at: dt.datetime) -> list[Notice]:
    parts = wired()
    yesterday = day - dt.timedelta(days=1)
    odd = anomalies.find(parts.database, parts.settings, yesterday, day, today=day)
    found = [
        *attention.of_sensor(sensor, at),
        *attention.of_gate(answers=now.gate_answers),
        *attention.of_days(odd),
    ]
    if parts.settings.crm.is_on:
        found += attention.of_outbox(health.of_outbox(parts.database), at)
    return found


def _people(found: DayReport | None, at: dt.datetime) -> dict[str, Estimate]:
    """The same figures in people, as long as a count by hand holds good."""
    if found is None:
        return {}
    known = calibration_report.find(wired().database, wired().settings, at)
    return {
        "visitors": calibration.people(found.visitors, known.visitors_in_force),
        "passers_by": calibration.people(found.passers_by, known.passers_by_in_force),
    }


def _portal(day: dt.date) -> PortalReport | None:
    """Today's members, for those who may see them."""
    if not roles.RIGHTS.may(g.user.role, "funnel.page"):
        return None
    parts = wired()
    days = portal_report.find(parts.database, parts.settings, day, 1).days
    return days[0] if days else None

"""How every store is: what is wrong, worst first, and what to do."""

import datetime as dt

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from analytics.dashboard import download
from analytics.figures import csv_table
from hq.pages import csv_rows, health, looking
from hq.pages.health import Checks
from hq.pages.parts import wired

pages = Blueprint("health", __name__)


@pages.get("/health")
def page() -> ResponseReturnValue:
    parts = wired()
    with parts.database.reading() as session:
        rules, scope = checks(session), looking.scope(session)
        state = _state(rules)
        found = health.page(session, scope, rules, state, looking.page_number())
        choices = looking.for_filter(session, scope)
    return render_template(
        "health.html",
        found=found,
        state=state,
        now=parts.clock(),
        is_bad=health.is_bad,
        well=health.WELL,
        **choices,
    )


@pages.get("/health.csv")
def csv() -> Response:
    parts = wired()
    with parts.database.reading() as session:
        rules = checks(session)
        found = health.everyone(session, looking.scope(session), rules, _state(rules))
    rows = (csv_rows.of_health(each) for each in found)
    return download.of(csv_table.write(csv_rows.HEALTH_COLUMNS, rows), f"health-{parts.today}.csv")


def checks(session: Session) -> Checks:
    """By which stores are judged now."""
    parts = wired()
    silent_after = dt.timedelta(minutes=parts.settings.silent_minutes)
    return Checks(session, parts.clock(), silent_after)


def _state(rules: Checks) -> str | None:
    asked = request.args.get("state", "")
    return asked if asked in {*rules.conditions, health.WELL} else None

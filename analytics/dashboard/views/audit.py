"""The audit log, for those who look after the lookers."""

import datetime as dt

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import audit, language
from analytics.dashboard.site import frame, site
from core import clock

pages = Blueprint("audit", __name__)

# Actions of no right: signing in, and what `doorman user` does.
_OTHERS = frozenset({"erasure", "sign_in", "user"})


@pages.get("/audit")
def page() -> ResponseReturnValue:
    parts = site()
    user_name, day = request.args.get("user") or None, _day()
    bounds = clock.day_bounds(day, parts.zone) if day else None
    found = audit.page(parts.database, request.args.get("page", 1, type=int), user_name, bounds)
    return render_template(
        "audit.html",
        found=found,
        choices=[
            ("", language.wording().text("audit.everybody")),
            *((each, each) for each in found.names),
        ],
        user_chosen=user_name,
        day=day,
        titles={each.action: _title(each.action) for each in found.entries},
    )


def _day() -> dt.date | None:
    """The day in the query; None without one, or if it is none."""
    try:
        day = dt.date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
    return day if dt.MINYEAR < day.year < dt.MAXYEAR else None


def _title(action: str) -> str | None:
    """The key of the text that says what somebody did; None if another version did it."""
    right = frame().rights.to(action)
    name = right.name if right else action.partition(".")[0]
    return f"rights.{name}" if right or name in _OTHERS else None

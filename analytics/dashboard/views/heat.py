"""When it is busy: hours and weekdays over a range of days, as heat maps and as CSV."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import day_range, download, heat, language
from analytics.dashboard.day_range import RangeError
from analytics.dashboard.parts import wired
from analytics.figures import weekday_hours

pages = Blueprint("heat", __name__)


@pages.get("/history/hours")
def page() -> ResponseReturnValue:
    parts, say = wired(), language.wording()
    today = parts.settings.today(parts.clock())
    asked, fault = day_range.read_or_usual(request.args, today)
    found = weekday_hours.find(parts.database, parts.settings, asked.first, asked.last)
    shown = render_template(
        "heat.html",
        chosen=asked,
        fault=fault,
        today=today,
        presets=day_range.PRESETS,
        most=day_range.LONGEST_DAYS,
        maps=heat.maps(found, parts.settings.store.hours, say) if found.hours else {},
        opening_hours=parts.settings.store.opening_hours,
        busiest=heat.busiest(found, say),
        k=parts.settings.traffic.suppress_below,
        is_strict=parts.settings.sensor.strict,
    )
    return (shown, 422) if fault else shown


@pages.get("/history/hours.csv")
def csv() -> ResponseReturnValue:
    parts = wired()
    try:
        asked = day_range.read(request.args, parts.settings.today(parts.clock()))
    except RangeError:
        abort(404)
    found = weekday_hours.find(parts.database, parts.settings, asked.first, asked.last)
    store, ends = parts.settings.store.id, (str(asked.first), str(asked.last))
    return download.of(heat.to_csv(store, ends, found), f"hours-{store}-{'-'.join(ends)}.csv")

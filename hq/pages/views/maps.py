"""The stores by place, beside a list that says the same."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hq.pages import asked, looking, maps
from hq.pages.parts import wired
from hq.pages.views.health import checks

pages = Blueprint("map", __name__)


@pages.get("/map")
def page() -> ResponseReturnValue:
    parts = wired()
    is_of_health = looking.sees_health() and request.args.get("show") == "health"
    with parts.database.reading() as session:
        question = looking.question(session)
        found = maps.find(session, question, checks(session) if is_of_health else None)
        choices = looking.for_filter(session, question.scope)
    shown = render_template(
        "map.html",
        asked=question,
        presets=asked.PRESETS,
        most=asked.MOST_DAYS,
        today=parts.today,
        map=found,
        width=maps.WIDTH,
        height=maps.HEIGHT,
        is_of_health=is_of_health,
        listed=sorted(found.marks, key=lambda mark: -mark.bad),
        **choices,
    )
    return (shown, 422) if question.fault else shown

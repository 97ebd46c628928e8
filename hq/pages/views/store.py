"""One store: its days and hours, how it is, and how old its keys are."""

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from analytics.dashboard import comparing, download, language
from analytics.figures import csv_table
from hq.models.store import Store
from hq.pages import asked, changes, health, looking, one_store, rankings
from hq.pages.asked import Asked
from hq.pages.parts import wired
from hq.pages.scopes import Scope
from hq.pages.views.health import checks

pages = Blueprint("store", __name__)

_CSV_COLUMNS = (
    "store",
    "day",
    *(
        f"{name}{end}"
        for name in ("visitors", "passers_by", "entry_rate")
        for end in ("", "_low", "_high")
    ),
    "dwell_median_s",
)


@pages.get("/stores/<store_id>")
def page(store_id: str) -> ResponseReturnValue:
    parts, say = wired(), language.wording()
    with parts.database.reading() as session:
        found, question = _asked(session, store_id)
        days = one_store.days(session, store_id, question)
        hours = one_store.hours(session, store_id, question.days.last)
        pairs = changes.of_stores(session, [store_id], question).get(store_id, ())
        sums = rankings.of_store(session, store_id, question)
        state = health.find(session, checks(session), store_id) if looking.sees_health() else None
        keys = one_store.keys(session, store_id) if looking.sees_health() else ()
    shown = render_template(
        "store.html",
        store=found,
        asked=question,
        presets=asked.PRESETS,
        most=asked.MOST_DAYS,
        today=parts.today,
        days=days,
        sums=sums,
        whole=sums.figures(),
        charts=one_store.day_charts(days, question, say),
        hours=one_store.hour_chart(hours, say) if hours else None,
        hours_day=hours[0].day if hours else None,
        comparison=comparing.of_pairs(changes.title(question, say), pairs, say),
        state=state,
        keys=keys,
        is_bad=health.is_bad,
        well=health.WELL,
        now=parts.clock(),
    )
    return (shown, 422) if question.fault else shown


@pages.get("/stores/<store_id>.csv")
def csv(store_id: str) -> Response:
    with wired().database.reading() as session:
        found, question = _asked(session, store_id)
        days = one_store.days(session, store_id, question)
    rows = (
        (
            found.id,
            each.day,
            *(
                end
                for estimate in (each.visitors, each.passers_by, each.entry_rate)
                for end in (estimate.value, estimate.low, estimate.high)
            ),
            each.dwell.value,
        )
        for each in days
    )
    name = f"store-{found.id}-{question.days.first}-{question.days.last}.csv"
    return download.of(csv_table.write(_CSV_COLUMNS, rows), name)


def _asked(session: Session, store_id: str) -> tuple[Store, Asked]:
    """The store that the user may see, or no page."""
    found = one_store.find(session, store_id, Scope(looking.own_region(session)))
    if found is None:
        abort(404)
    return found, looking.question(session)

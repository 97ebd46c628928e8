"""Every store's figures side by side, and the sum of them."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import comparing, download, language
from analytics.figures import csv_table
from hq.pages import asked, changes, csv_rows, looking, rankings
from hq.pages.parts import wired

pages = Blueprint("fleet", __name__)


@pages.get("/")
def page() -> ResponseReturnValue:
    parts, say = wired(), language.wording()
    order = rankings.read_order(request.args)
    with parts.database.reading() as session:
        question = looking.question(session)
        found = rankings.find(session, question, order, looking.page_number())
        of_stores = changes.of_stores(session, [each.store_id for each in found.places], question)
        of_all = changes.of_all(session, question)
        choices = looking.for_filter(session, question.scope)
    shown = render_template(
        "fleet.html",
        asked=question,
        presets=asked.PRESETS,
        most=asked.MOST_DAYS,
        today=parts.today,
        ranking=found,
        whole=found.whole.figures(),
        order=order,
        sorts=list(rankings.Sort),
        figures={each.store_id: each.sums.figures() for each in found.places},
        lines={
            store_id: comparing.of_pairs("", pairs, say).lines[0]
            for store_id, pairs in of_stores.items()
        },
        comparison=comparing.of_pairs(changes.title(question, say), of_all, say),
        **choices,
    )
    return (shown, 422) if question.fault else shown


@pages.get("/fleet.csv")
def csv() -> Response:
    parts = wired()
    with parts.database.reading() as session:
        question = looking.question(session)
        found = rankings.everyone(session, question, rankings.read_order(request.args))
    rows = (csv_rows.of_store(each, question) for each in found)
    name = f"fleet-{question.days.first}-{question.days.last}.csv"
    return download.of(csv_table.write(csv_rows.STORE_COLUMNS, rows), name)

"""The regions beside each other; and reports by region, to keep or to print."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import comparing, download, language
from analytics.figures import csv_table
from analytics.reports import fonts, press
from hq.pages import asked, changes, csv_rows, looking, rankings, regions, reports
from hq.pages.parts import wired
from hq.pages.rankings import Order

pages = Blueprint("regions", __name__)

FORMS = ("pdf", "xlsx", "csv_excel", "csv")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/regions")
def page() -> ResponseReturnValue:
    return _page()


@pages.get("/regions/file")
def file() -> ResponseReturnValue:
    form = request.args.get("form", "pdf")
    found = _read(with_stores=form in {"pdf", "xlsx"})
    name = f"regions-{found.asked.days.first}-{found.asked.days.last}"
    say = language.wording()
    match form:
        case "csv" | "csv_excel":
            rows = [csv_rows.of_region(each, found.asked) for each in found.regions]
            made = csv_table.write(csv_rows.REGION_COLUMNS, rows, bom=form == "csv_excel")
            return download.of(made, f"{name}.csv")
        case "xlsx":
            return download.of(reports.workbook(found, say), f"{name}.xlsx", _XLSX)
    try:
        printed = press.print_pdf(reports.document(found, wired().name, say))
    except fonts.NoFontError:
        return _page(fault="no_font")
    except press.PressError:
        return _page(fault="no_pdf")
    return download.of(printed, f"{name}.pdf", "application/pdf")


def _read(*, with_stores: bool = False) -> reports.Found:
    parts = wired()
    with parts.database.reading() as session:
        question = looking.question(session)
        pairs, whole = changes.of_regions(session, question)
        return reports.Found(
            question,
            regions.find(session, question),
            pairs,
            whole,
            rankings.everyone(session, question, Order()) if with_stores else (),
        )


def _page(fault: str | None = None) -> ResponseReturnValue:
    parts, say = wired(), language.wording()
    found, order = _read(), rankings.read_order(request.args)
    compared = {name: comparing.of_pairs("", pairs, say) for name, pairs in found.pairs.items()}
    change = {name: changes.changes(pairs).visitors.value for name, pairs in found.pairs.items()}
    with parts.database.reading() as session:
        choices = looking.for_filter(session, found.asked.scope)
    whole = regions.total(found.regions)
    shown = render_template(
        "regions.html",
        asked=found.asked,
        presets=asked.PRESETS,
        most=asked.MOST_DAYS,
        today=parts.today,
        lines=regions.in_order(found.regions, order, change),
        figures={each.name: each.sums.figures() for each in found.regions},
        compared=compared,
        whole=whole,
        whole_figures=whole.sums.figures(),
        comparison=comparing.of_pairs(changes.title(found.asked, say), found.whole, say),
        order=order,
        sorts=list(rankings.Sort),
        forms=FORMS,
        fault=fault,
        package=fonts.PACKAGE,
        **choices,
    )
    return shown, 503 if fault else 422 if found.asked.fault else 200

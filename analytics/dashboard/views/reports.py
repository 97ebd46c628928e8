"""Reports of any days as PDF, XLSX and CSV; and whether those by mail went out."""

from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import day_range, download, language, mailed, roles
from analytics.dashboard.day_range import RangeError
from analytics.dashboard.parts import wired
from analytics.figures import csv_table
from analytics.reports import composition, contents, fonts, letter, press, tables, words
from analytics.reports import period as periods
from analytics.reports.period import Period
from core.setting_groups.reports import ReportKind

pages = Blueprint("reports", __name__)

FORMS = ("pdf", "xlsx", "csv_excel", "csv")

# What is longer may take a second or two: a page says so, and goes on to the file by itself.
_AT_ONCE_DAYS = 92
_NOW = "now"

_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


@pages.get("/reports")
def page() -> ResponseReturnValue:
    return _page()


@pages.get("/reports/file")
def file() -> ResponseReturnValue:
    parts = wired()
    try:
        asked = day_range.read(request.args, parts.settings.today(parts.clock()))
    except RangeError as error:
        return _page(range_fault=str(error)), 422
    period = Period(asked.first, asked.last)
    if period.days > _AT_ONCE_DAYS and _NOW not in request.args:
        asked_now = urlencode({**request.args, _NOW: "1"})
        return render_template("reports_wait.html", address=f"{request.path}?{asked_now}")
    try:
        return _file(period, request.args.get("form", "pdf"))
    except fonts.NoFontError:
        return _page(fault="no_font"), 503
    except press.PressError:
        return _page(fault="no_pdf"), 503


def _page(*, range_fault: str | None = None, fault: str | None = None) -> str:
    parts = wired()
    say = words.load(parts.settings, language.wording().language)
    today = parts.settings.today(parts.clock())
    ready = [(kind, periods.newest_ended(kind, today)) for kind in ReportKind]
    return render_template(
        "reports.html",
        ready=ready,
        period_name=lambda period: words.period_name(say, period),
        forms=FORMS,
        tables=_tables(),
        most_hours=tables.MOST_DAYS_OF_HOURS,
        today=today,
        asked=request.args,
        most=day_range.LONGEST_DAYS,
        range_fault=range_fault,
        fault=fault,
        package=fonts.PACKAGE,
        mailed=mailed.find(parts.database, parts.settings),
        has_server=bool(parts.settings.mail.host and parts.settings.mail.sender),
        hour=parts.settings.reports.hour,
    )


def _file(period: Period, form: str) -> Response:
    if form == "xlsx":
        return _download(_xlsx(period), period, "xlsx")
    if form in {"csv", "csv_excel"}:
        return _download(_csv(period, bom=form == "csv_excel"), period, "csv")
    return _download(_pdf(period), period, "pdf")


def _with_logins() -> bool:
    return roles.RIGHTS.may(g.user.role, "funnel.page")


def _tables() -> list[str]:
    """Those that this user may see."""
    return [name for name in tables.NAMES if _with_logins() or name not in tables.OF_LOGINS]


def _pdf(period: Period) -> bytes:
    parts = wired()
    found = contents.find(
        parts.database, parts.settings, period, parts.clock(), with_logins=_with_logins()
    )
    say = words.load(parts.settings, language.wording().language)
    return press.print_pdf(composition.compose(found, say))


def _xlsx(period: Period) -> bytes:
    from analytics.reports import workbook  # noqa: PLC0415 - only where one is made

    parts = wired()
    found = tables.find_all(parts.database, parts.settings, period, with_logins=_with_logins())
    return workbook.write(found, words.load(parts.settings, language.wording().language))


def _csv(period: Period, *, bom: bool) -> bytes:
    parts = wired()
    asked = request.args.get("table", "days")
    name = asked if asked in _tables() else "days"
    table = tables.find(name, parts.database, parts.settings, period)
    return csv_table.write(table.columns, table.rows, bom=bom).encode()


def _download(made: bytes, period: Period, ending: str) -> Response:
    name = letter.file_name(wired().settings.store.id, period, ending)
    return download.of(made, name, _TYPES[ending])

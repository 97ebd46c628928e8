"""Sales guides and posters: making them, printing their QR codes, whom each has brought."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import sources
from analytics.dashboard.parts import wired
from core.models.attribution import Source, SourceKind

pages = Blueprint("sources", __name__)


@pages.get("/sources")
def page() -> ResponseReturnValue:
    return _page()


@pages.post("/sources")
def add() -> ResponseReturnValue:
    parts, form = wired(), request.form
    kind, name = form.get("kind", ""), form.get("name", "")
    if not sources.add(parts.database, kind, name, parts.clock()):
        return _page(is_wrong=True), 422
    return redirect(url_for("sources.page"), 303)


@pages.post("/sources/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    parts = wired()
    sources.end(parts.database, number, parts.clock())
    return redirect(url_for("sources.page"), 303)


@pages.get("/sources/<int:number>/print")
def sheet(number: int) -> ResponseReturnValue:
    source = _find(number)
    address = sources.address(wired().settings.portal.url, source)
    return render_template("source_sheet.html", source=source, address=address)


@pages.get("/sources/<int:number>/qr.svg")
def qr_code(number: int) -> ResponseReturnValue:
    address = sources.address(wired().settings.portal.url, _find(number))
    return Response(sources.qr_code(address), mimetype="image/svg+xml")


def _page(*, is_wrong: bool = False) -> str:
    parts = wired()
    k = parts.settings.traffic.suppress_below
    return render_template(
        "sources.html",
        found=sources.found(parts.database, k, parts.clock()),
        kinds=list(SourceKind),
        is_wrong=is_wrong,
        typed=request.form,
        rules=parts.settings.campaigns,
        k=k,
    )


def _find(number: int) -> Source:
    source = sources.find(wired().database, number)
    if source is None:
        abort(404)
    return source

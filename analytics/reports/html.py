"""A report as one HTML page, for mail: no script, no picture, nothing from elsewhere.

Charts are tables with coloured cells. Most mail programs show pictures only when asked to, some
not at all, and a picture has no dark mode and nothing to read aloud; every one shows tables. For
the same reason what matters is said in `style` attributes: some drop the style sheet, and with it
lose dark mode and nothing else.
"""

import functools
from pathlib import Path

import jinja2

from analytics.reports import colours
from analytics.reports.document import (
    Bars,
    Block,
    Document,
    Figures,
    HeatMap,
    Notices,
    Table,
    Words,
)
from core import texts

_FOLDER = Path(__file__).parent / "templates"
_NAMES = {
    Figures: "figures",
    Notices: "notices",
    Bars: "bars",
    HeatMap: "heat_map",
    Table: "table",
    Words: "words",
}


def draw(document: Document) -> str:
    page = _environment().get_template("mail.html")
    return page.render(document=document, tag=texts.tag(document.language))


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(colours=colours, name_of=_name_of)
    return environment


def _name_of(block: Block) -> str:
    return _NAMES[type(block)]

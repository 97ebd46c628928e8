"""A report as it goes out by mail: plain text, HTML, and the PDF to print."""

import dataclasses
from collections.abc import Callable

from analytics.reports import composition, fonts, html, plain, press
from analytics.reports.contents import Contents
from analytics.reports.document import Document
from analytics.reports.period import Period
from analytics.wording import Wording
from core.log import Log

_log = Log("reports")


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str
    pdf: bytes | None
    """None if it could not be made; then the letter says why."""
    file_name: str


def write(
    contents: Contents,
    say: Wording,
    printed: Callable[[Document], bytes] = press.print_pdf,
    *,
    stands: str = "",
) -> Letter:
    """`stands`: where the law's log stands, for the reader to keep."""
    document = composition.compose(contents, say)
    pdf, lines = None, [say.text("report.why")]
    if stands:
        lines.append(say.text("report.stands", anchor=stands))
    try:
        pdf = printed(document)
    except fonts.NoFontError as error:
        _log.error("report without PDF", mend=str(error))
        lines.append(say.text("report.no_font", package=fonts.PACKAGE))
    except press.PressError as error:
        _log.error("report without PDF", reason=str(error))
        lines.append(say.text("report.no_pdf"))
    mailed = dataclasses.replace(document, ending=(*document.ending, *lines))
    return Letter(
        subject=say.text(
            "report.subject", title=document.title, period=document.period, store=document.store
        ),
        text=plain.draw(mailed),
        html=html.draw(mailed),
        pdf=pdf,
        file_name=file_name(contents.traffic.store, contents.period, "pdf"),
    )


def file_name(store_id: str, period: Period, ending: str) -> str:
    """In ASCII alone: old mail programs spoil all else."""
    days = str(period.first) if period.days == 1 else f"{period.first}-{period.last}"
    return f"traffic-{store_id}-{days}.{ending}"

"""A report as it goes out by mail: plain text, HTML, and the PDF to print."""

import dataclasses

from analytics.dashboard.wording import Wording
from analytics.reports import composition, fonts, html, plain, press
from analytics.reports.contents import Contents
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


def write(contents: Contents, say: Wording) -> Letter:
    document = composition.compose(contents, say)
    pdf, lines = None, [say.text("report.why")]
    try:
        pdf = press.print_pdf(document)
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
        file_name=file_name(contents, "pdf"),
    )


def file_name(contents: Contents, ending: str) -> str:
    """In ASCII alone: old mail programs spoil all else."""
    first, last = contents.period.first, contents.period.last
    days = first.isoformat() if first == last else f"{first.isoformat()}-{last.isoformat()}"
    return f"traffic-{contents.traffic.store}-{days}.{ending}"

"""The figures of the portal as a CSV file (RFC 4180), one a line; all have passed suppression."""

from collections.abc import Iterator

from analytics.figures import csv_table
from analytics.logins.enrolment_report import EnrolmentReport
from analytics.logins.portal_report import PortalSpan

_HEADER = ("store", "period", "figure", "source", "value", "withheld")


def write(store: str, span: PortalSpan, enrolled: EnrolmentReport | None) -> str:
    """The days of a span, and the month of its last day; a withheld value is empty."""
    rows = (
        (store, *line, "yes" if line[-1] is None else "no")
        for line in (*_days(span), *_month(enrolled))
    )
    return csv_table.write(_HEADER, rows)


def _days(span: PortalSpan) -> Iterator[tuple[str, str, str, int | None]]:
    for report in span.days:
        for name, value in report.steps.items():
            yield report.day.isoformat(), name, "", value
        for name, value in report.members.items():
            yield report.day.isoformat(), f"members_{name}", "", value


def _month(enrolled: EnrolmentReport | None) -> Iterator[tuple[str, str, str, int | None]]:
    if enrolled is None:
        return
    month = f"{enrolled.month:%Y-%m}"
    yield month, "enrolled", "", enrolled.members
    for line in enrolled.by_source:
        yield month, f"enrolled_by_{line.source.kind}", line.source.name, line.members
    yield month, "enrolled_by_nobody", "", enrolled.nobodys
    for each in enrolled.by_day:
        yield each.day.isoformat(), "enrolled", "", each.members

"""What logins tell: the funnel, members who came back, who enrolled. Measured, not estimated."""

from analytics.logins.enrolment_report import EnrolmentReport
from analytics.logins.portal_report import PortalSpan, Sum
from analytics.reports import bars, words
from analytics.reports.contents import Contents
from analytics.reports.document import Bars, Block, Layer, Section, Table
from analytics.wording import Wording


def sections(contents: Contents, say: Wording) -> list[Section]:
    blocks: list[Block] = []
    if contents.portal and contents.portal.days:
        blocks += [_funnel(contents.portal, say), _members(contents.portal, say)]
    if contents.enrolled is not None:
        blocks.append(_enrolled(contents.enrolled, say))
    return [Section(say.text("report.portal"), tuple(blocks), Layer.MEASURED)]


def _funnel(portal: PortalSpan, say: Wording) -> Bars:
    counts = [
        (
            _label(f"funnel.step_{name}", total, portal, say),
            total.value,
            "" if total.of_before is None else f" · {say.percent(total.of_before)}",
        )
        for name, total in portal.steps.items()
    ]
    return bars.of_counts(say, say.text("funnel.step"), say.text("funnel.phones"), counts)


def _members(portal: PortalSpan, say: Wording) -> Bars:
    counts = [
        (_label(f"funnel.members_{name}", total, portal, say), total.value, "")
        for name, total in portal.members.items()
    ]
    head = say.text("report.members_back"), say.text("funnel.members")
    return bars.of_counts(say, *head, counts)


def _label(key: str, total: Sum, portal: PortalSpan, say: Wording) -> str:
    """What it counts, and of how many days if not of all."""
    name, days = say.text(key), len(portal.days)
    if total.value is None or total.days == days:
        return name
    return say.text("report.of_days", name=name, shown=total.days, days=days)


def _enrolled(enrolled: EnrolmentReport, say: Wording) -> Table:
    rows = [(line.source.name, words.count(say, line.members)) for line in enrolled.by_source]
    rows.append((say.text("funnel.nobody"), words.count(say, enrolled.nobodys)))
    return Table((say.text("report.enrolled"), words.count(say, enrolled.members)), tuple(rows))

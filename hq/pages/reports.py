"""The regions' figures as a report, to print or for a spreadsheet.

Drawn by `analytics.reports`, which draws a store's.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from analytics.dashboard import comparing
from analytics.figures.report import Estimate
from analytics.reports.document import (
    Bar,
    Bars,
    Block,
    Document,
    Figure,
    Figures,
    Layer,
    Section,
    Table,
    Words,
)
from analytics.reports.tables import DataTable
from analytics.reports.words import NOT_SHOWN
from analytics.wording import Wording
from hq.pages import changes, csv_rows, regions
from hq.pages.asked import Asked
from hq.pages.changes import Pairs
from hq.pages.rankings import Place
from hq.pages.regions import Region
from hq.pages.sums import Sums

_FORMS = {
    "visitors": "number",
    "passers_by": "number",
    "entry_rate": "percent",
    "dwell": "duration",
}
MOST_STORES = 50
"""In a printed report; a spreadsheet has all."""


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    asked: Asked
    regions: Sequence[Region]
    pairs: Mapping[str, Pairs]
    """By region."""
    whole: Pairs
    """Of all stores together."""
    stores: Sequence[Place] = ()
    """Those asked for, by what came."""


def workbook(found: Found, say: Wording) -> bytes:
    from analytics.reports import workbook as workbooks  # noqa: PLC0415 - only where one is made

    of_regions = tuple(csv_rows.of_region(each, found.asked) for each in found.regions)
    of_stores = tuple(csv_rows.of_store(each, found.asked) for each in found.stores)
    tables = [
        DataTable("regions", csv_rows.REGION_COLUMNS, of_regions),
        DataTable("stores", csv_rows.STORE_COLUMNS, of_stores),
    ]
    return workbooks.write(tables, say)


def document(found: Found, chain: str, say: Wording) -> Document:
    whole = regions.total(found.regions)
    sections = [_glance(found, whole, say), _regions(found, say)]
    if found.asked.scope.region is not None and found.stores:
        sections.append(_stores(found, say))
    return Document(
        language=say.language,
        title=say.text("fleet.report_title"),
        store=chain,
        period=comparing.span(found.asked.days.first, found.asked.days.last, say),
        lead=_lead(whole, say),
        sections=tuple(sections),
        ending=(
            say.text("report.ending_devices"),
            say.text("fleet.ending_sums"),
            say.text("fleet.ending_rate"),
            say.text("fleet.ending_withheld"),
        ),
        page=say.text("report.page", number="{number}"),
    )


def _lead(whole: Region, say: Wording) -> str:
    visitors = whole.sums.figures().visitors
    if visitors.value is None:
        return say.text("fleet.lead_none")
    return say.text(
        "fleet.lead",
        visitors=say.number(visitors.value),
        range=say.interval(visitors, "number"),
        stores=whole.stores - whole.without_figures - whole.withheld,
        all=whole.stores,
    )


def _glance(found: Found, whole: Region, say: Wording) -> Section:
    figures = whole.sums.figures()
    compared = comparing.of_pairs("", found.whole, say)
    lines = dict(zip(_FORMS, compared.lines, strict=True))
    items = tuple(
        Figure(
            name=say.text(f"fleet.{name}"),
            value=_said(estimate := getattr(figures, name), form, say),
            range="" if estimate.low is None else say.interval(estimate, form),
            changes=tuple(part for part in (lines[name].change, lines[name].verdict) if part),
        )
        for name, form in _FORMS.items()
    )
    words = [changes.title(found.asked, say), *missing(whole, say)]
    blocks: tuple[Block, ...] = (Figures(items), Words(tuple(words), is_quiet=True))
    return _section("report.glance", blocks, say)


def missing(whole: Region, say: Wording) -> Iterator[str]:
    """What sums leave out, in words."""
    if whole.without_figures:
        yield say.text("fleet.without", count=whole.without_figures, stores=whole.stores)
    if whole.withheld:
        yield say.text("fleet.withheld", count=whole.withheld, stores=whole.stores)
    if whole.sums.withheld_days:
        yield say.text("fleet.withheld_days", count=whole.sums.withheld_days, days=whole.sums.days)


def _regions(found: Found, say: Wording) -> Section:
    rows = [(_region_name(each.name, say), each.sums, str(each.stores)) for each in found.regions]
    means = [each.sums.figures().visitors_a_day for each in found.regions]
    longest = max((mean.value or 0 for mean in means), default=0) or 1
    bars = tuple(
        Bar(row[0], _said(mean, "number", say), mean.value and mean.value / longest)
        for row, mean in zip(rows, means, strict=True)
    )
    heads = say.text("fleet.region"), say.text("fleet.a_day_per_store")
    head = (say.text("fleet.region"), say.text("fleet.stores"), *_heads(say))
    table = Table(head, tuple((name, count, *_cells(sums, say)) for name, sums, count in rows))
    return _section("fleet.by_region", (Bars(*heads, bars), table), say)


def _stores(found: Found, say: Wording) -> Section:
    shown = found.stores[:MOST_STORES]
    rows = tuple((each.name or each.store_id, *_cells(each.sums, say)) for each in shown)
    blocks: list[Block] = [Table((say.text("fleet.store"), *_heads(say)), rows)]
    if len(shown) < len(found.stores):
        line = say.text("fleet.first_stores", shown=len(shown), stores=len(found.stores))
        blocks.append(Words((line,), is_quiet=True))
    return _section("fleet.by_store", tuple(blocks), say)


def _section(title: str, blocks: tuple[Block, ...], say: Wording) -> Section:
    return Section(say.text(title), blocks, Layer.ESTIMATED, say.text("report.estimated"))


def _heads(say: Wording) -> tuple[str, ...]:
    return (*(say.text(f"fleet.{name}") for name in _FORMS), say.text("fleet.a_day"))


def _cells(sums: Sums, say: Wording) -> tuple[str, ...]:
    figures = sums.figures()
    cells = (_said(getattr(figures, name), form, say) for name, form in _FORMS.items())
    return (*cells, _said(figures.visitors_a_day, "number", say))


def _said(found: Estimate, form: str, say: Wording) -> str:
    if found.value is None:
        return NOT_SHOWN
    said: str = getattr(say, form)(found.value)
    return said


def _region_name(name: str, say: Wording) -> str:
    return name or say.text("fleet.no_region")

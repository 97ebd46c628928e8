"""Makes a report of its contents: what a manager wants to know first, first."""

import dataclasses
from collections.abc import Iterator

from analytics.figures.anomalies import Kind, Sure
from analytics.figures.comparison import Change
from analytics.figures.report import Estimate
from analytics.reports import portal_sections, traffic_sections, words
from analytics.reports.contents import Contents
from analytics.reports.document import (
    Block,
    Document,
    Figure,
    Figures,
    Layer,
    Notice,
    Notices,
    Section,
    Words,
)
from analytics.wording import Wording

# Of these the sensor is to be looked at; the others are news of the street.
_OF_SENSOR = frozenset({Kind.SENSOR_SILENT, Kind.HEARS_LESS})


def compose(contents: Contents, say: Wording) -> Document:
    sections = [_glance(contents, say), _people(contents, say), _notices(contents, say)]
    sections += traffic_sections.sections(contents, say)
    sections += portal_sections.sections(contents, say)
    return Document(
        language=say.language,
        title=words.title(say, contents.period),
        store=contents.settings.store.name,
        period=words.period_name(say, contents.period),
        lead=_lead(contents, say),
        sections=tuple(_with_layer(each, say) for each in sections if each.blocks),
        ending=(
            say.text("report.ending_devices"),
            say.text("report.ending_rate"),
            say.text("report.ending_withheld", count=contents.settings.traffic.suppress_below),
            say.text("report.ending_loyalty"),
        ),
        page=say.text("report.page", number="{number}"),
    )


def _with_layer(section: Section, say: Wording) -> Section:
    name = say.text(f"report.{section.layer}") if section.layer else ""
    return dataclasses.replace(section, layer_name=name)


def _lead(contents: Contents, say: Wording) -> str:
    traffic = contents.traffic
    if not traffic.days:
        return say.text(
            "report.lead_strict" if contents.settings.sensor.strict else "report.lead_none"
        )
    if traffic.visitors.value is None:
        lead = say.text("report.lead_withheld")
    else:
        rate = traffic.entry_rate.value
        lead = say.text(
            "report.lead",
            visitors=say.number(traffic.visitors.value),
            range=say.interval(traffic.visitors, "number"),
            rate="" if rate is None else say.text("report.lead_rate", rate=say.percent(rate)),
        )
    if any(each.closed_at is None for each in traffic.days):
        return f"{lead} {say.text('report.lead_open')}"
    return lead


def _glance(contents: Contents, say: Wording) -> Section:
    traffic = contents.traffic
    if not traffic.days:
        return Section("", ())
    items = (
        _figure(contents, say, "visitors", traffic.visitors, "number"),
        _figure(contents, say, "passers_by", traffic.passers_by, "number"),
        _figure(contents, say, "entry_rate", traffic.entry_rate, "percent"),
        _figure(contents, say, "dwell", traffic.dwell_median_s, "duration"),
    )
    shown, days = len(traffic.days) - len(traffic.days_withheld), contents.period.days
    blocks: list[Block] = [Figures(items)]
    if shown < days:
        line = say.text("report.days_summed", shown=shown, days=days)
        blocks.append(Words((line,), is_quiet=True))
    return Section(say.text("report.glance"), tuple(blocks), Layer.ESTIMATED)


def _people(contents: Contents, say: Wording) -> Section:
    """Beside the devices, never in their place."""
    items = tuple(
        Figure(
            say.text(f"traffic.{name}"),
            say.number(estimate.value),
            say.text("report.interval", range=say.interval(estimate, "number")),
        )
        for name in ("visitors", "passers_by")
        if (estimate := getattr(contents.people, name)).value is not None
    )
    blocks = (Figures(items),) if items else ()
    return Section(say.text("report.people"), blocks, Layer.CALIBRATED)


def _figure(contents: Contents, say: Wording, name: str, estimate: Estimate, form: str) -> Figure:
    is_dwell = name == "dwell"
    text = say.text(f"traffic.{'dwell_median' if is_dwell else name}")
    if estimate.value is None:
        return Figure(text, say.text("not_shown"))
    spread = "report.quartiles" if is_dwell else "report.interval"
    return Figure(
        text,
        getattr(say, form)(estimate.value),
        say.text(spread, range=say.interval(estimate, form)),
        tuple(_changes(contents, say, name)),
    )


def _changes(contents: Contents, say: Wording, name: str) -> Iterator[str]:
    """Against the weeks before, and a year before; of a day, against what is usual."""
    weekday = say.text(f"date.weekday_{contents.period.first.isoweekday()}")
    for key, changes in (
        (contents.period.kind or "range", contents.before.changes),
        ("year", contents.year_before and contents.year_before.changes),
        ("usual", contents.usual),
    ):
        change = getattr(changes, name) if changes else None
        if change is None or change.value is None:
            continue
        size = words.change(say, change.value, in_points=name == "entry_rate")
        sure = _sure(say, change, in_points=name == "entry_rate")
        said = {"change": size, "sure": sure, "weeks": contents.weeks, "weekday": weekday}
        yield say.text(f"report.change_{key}", **said)


def _sure(say: Wording, change: Change, *, in_points: bool) -> str:
    """Whether chance could have done it; nothing if there are too few days to tell."""
    if change.low is None or change.high is None:
        return ""
    low, high = (
        words.signed(end) if in_points else words.change(say, end, in_points=False)
        for end in (change.low, change.high)
    )
    key = "report.sure_clear" if change.is_clear else "report.sure_unclear"
    return say.text(key, low=low, high=high)


def _notices(contents: Contents, say: Wording) -> Section:
    items = list(_anomalies(contents, say))
    if contents.traffic.days_withheld:
        days = words.short_days(say, contents.traffic.days_withheld)
        items.append(Notice(say.text("report.withheld_days", days=days), is_bad=False))
    items += [
        Notice(
            say.text("report.note", days=words.span(say, note.first, note.last), text=note.text),
            is_bad=False,
        )
        for note in contents.notes
    ]
    return Section(say.text("report.notice"), (Notices(tuple(items)),) if items else ())


def _anomalies(contents: Contents, say: Wording) -> Iterator[Notice]:
    if contents.silent_days:
        days = words.short_days(say, contents.silent_days)
        yield Notice(say.text("report.no_days", days=days), say.text("report.no_days_to_do"))
    for each in contents.anomalies:
        if each.kind is Kind.NOTHING_COUNTED:
            continue
        what = say.text(f"anomaly.{each.kind}", times=f"{each.times or 0:.0%}")
        days = words.short_span(say, each.first, each.last)
        to_do = say.text(f"anomaly.{each.kind}_do")
        if each.sure is not Sure.MEASURED:
            to_do = say.text("report.sure", sure=say.text(f"anomaly.{each.sure}"), to_do=to_do)
        text = say.text("anomaly.when", day=days, what=what)
        yield Notice(text, to_do, is_bad=each.kind in _OF_SENSOR)

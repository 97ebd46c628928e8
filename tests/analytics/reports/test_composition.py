import dataclasses
import datetime as dt

import pytest

from analytics.figures import period_report
from analytics.figures.anomalies import Anomaly, Kind, Sure
from analytics.reports import composition, contents, plain, words
from analytics.reports.document import Figures, Layer, Notices
from analytics.reports.period import Period
from core.setting_groups.sensor import SensorSettings
from core.setting_groups.store import StoreSettings
from tests.analytics.reports.conftest import NASTY, NOON, NOTE, SILENT, WEEK, count_day

SATURDAY = Period(dt.date(2026, 5, 9), dt.date(2026, 5, 9))
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 4, 30))


def section(document, title):
    return next(each for each in document.sections if each.title == title)


def notices(document):
    blocks = [block for each in document.sections for block in each.blocks]
    return [each for block in blocks if isinstance(block, Notices) for each in block.items]


def test_the_first_thing_said_is_how_many_came(compose, weeks, settings):
    document = compose(WEEK)
    of_week = period_report.find(weeks, settings, WEEK.first, WEEK.last)
    shown = f"{of_week.visitors.value:,.0f}"

    assert document.title == "Traffic of the week"
    assert document.lead.startswith(f"About {shown} devices came in (95% interval ")
    [figures] = [each for each in document.sections[0].blocks if isinstance(each, Figures)]
    names = ["Visitors", "Passers-by", "Entry rate", "Median time inside"]
    assert [each.name for each in figures.items] == names
    assert figures.items[0].value == shown


def test_a_change_is_said_with_whether_chance_could_have_made_it(compose):
    [visitors, *_] = compose(WEEK).sections[0].blocks[0].items

    [change] = visitors.changes
    assert "on the week before" in change
    assert "chance" in change


def test_one_day_is_set_beside_what_is_usual_on_its_weekday(compose):
    [visitors, *_] = compose(SATURDAY).sections[0].blocks[0].items

    week_ago, usual = visitors.changes
    assert week_ago == "±0.0% on the same day of last week"
    assert usual.startswith("±0.0% on what is usual on a Sat (")
    assert "chance" not in week_ago


def test_estimates_and_measurements_stand_apart(compose):
    layers = {each.title: each.layer for each in compose(APRIL).sections}

    assert layers.pop("Wi-Fi logins and members") is Layer.MEASURED
    assert layers.pop("Please note", None) is None
    assert set(layers.values()) == {Layer.ESTIMATED}


def test_the_busiest_hours_are_named(compose):
    busiest = section(compose(SATURDAY), "When it was busiest").blocks

    assert busiest[0].lines == (
        "Most came in at 12:00–13:00 (60), 13:00–14:00 (50), 10:00–11:00 (40).",
    )
    bars = {bar.label: bar.value for bar in busiest[1].items}
    assert bars == {"10:00": "40", "11:00": "–", "12:00": "60", "13:00": "50"}


def test_with_opening_hours_the_shop_is_told_from_the_street(weeks, settings, compose):
    title = "While the store was open"
    assert title not in [each.title for each in compose(WEEK).sections]

    hours = {"store": StoreSettings(opening_hours="10:00-13:00")}
    found = contents.find(weeks, settings.model_copy(update=hours), WEEK, NOON)
    document = composition.compose(found, words.load(settings, "en"))

    figures, line = section(document, title).blocks
    told = {each.name: each.value for each in figures.items}
    # Six days of 40, too few to say, and 60.
    assert told["Visitors"] == "612"
    assert told["Passers-by in the hour after closing"] == "1,200"
    assert "Passers-by in the hour before opening" not in told
    assert line.lines == ("Sums over 6 open days that are over and in which the sensor heard.",)


def test_a_day_without_figures_is_named_with_what_to_do(compose):
    [silent, note] = notices(compose(WEEK))

    assert "Wed 6 May" in silent.text
    assert "doorman doctor" in silent.to_do
    assert NOTE in note.text
    assert not note.is_bad


@pytest.mark.parametrize(
    ("kind", "is_bad", "says"),
    [
        pytest.param(Kind.HEARS_LESS, True, "40% of the usual", id="sensor"),
        pytest.param(Kind.MORE_VISITORS, False, "more visitors, 40% of the usual", id="street"),
    ],
)
def test_what_is_out_of_the_ordinary_is_told_with_how_sure_it_is(
    weeks, settings, kind, is_bad, says
):
    odd = Anomaly(kind, WEEK.first, WEEK.last, Sure.POSSIBLE, times=0.4)
    found = contents.find(weeks, settings, WEEK, NOON)
    found = dataclasses.replace(found, anomalies=(odd,))
    [notice, *_] = notices(composition.compose(found, words.load(settings, "en")))

    assert notice.text.startswith("Mon 4 May – Sun 10 May: ")
    assert says in notice.text
    assert notice.to_do.startswith("perhaps chance: ")
    assert notice.is_bad is is_bad


def test_a_month_tells_who_brought_new_members(compose):
    *_, table = section(compose(APRIL), "Wi-Fi logins and members").blocks

    assert table.head == ("New members this month", "240")
    assert table.rows == ((NASTY, "140"), ("No guide or poster", "100"))


def test_who_may_not_see_logins_sees_none(compose):
    document = compose(APRIL, with_logins=False)

    assert Layer.MEASURED not in {each.layer for each in document.sections}
    assert NASTY not in plain.draw(document)


def test_many_days_are_told_by_month(compose):
    span = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 15))
    months = section(compose(span), "Month by month").blocks[0]

    assert [row[0] for row in months.rows] == ["Apr 2026", "May 2026"]
    assert "Day by day" not in {each.title for each in compose(span).sections}


def test_too_few_visitors_are_not_told_anywhere(database, settings):
    day = Period(SILENT, SILENT)
    with database.writing() as session:
        count_day(session, SILENT, visitors=3)
    found = contents.find(database, settings, day, NOON)
    document = composition.compose(found, words.load(settings, "en"))

    assert document.lead == "Too few came in to say how many."
    assert document.sections[0].blocks[0].items[0].value == "not shown"


@pytest.mark.parametrize(
    ("strict", "counted", "lead"),
    [
        pytest.param(False, False, "The sensor has no figures for this time.", id="new"),
        pytest.param(False, True, "The sensor has no figures for this time.", id="silent"),
        pytest.param(True, False, "Strict mode counts the phones that are near", id="strict"),
    ],
)
def test_nothing_counted_is_said_as_it_is(database, settings, strict, counted, lead):
    if counted:
        with database.writing() as session:
            count_day(session, WEEK.first - dt.timedelta(days=1))
    of_store = settings.model_copy(update={"sensor": SensorSettings(strict=strict)})
    found = contents.find(database, of_store, WEEK, NOON)
    document = composition.compose(found, words.load(of_store, "en"))

    assert document.lead.startswith(lead)
    assert bool(notices(document)) is counted


def test_of_a_day_that_runs_it_is_said(database, settings):
    today = dt.date(2026, 5, 16)
    with database.writing() as session:
        count_day(session, today, is_closed=False)
    found = contents.find(database, settings, Period(today, today), NOON)

    assert "not closed yet" in composition.compose(found, words.load(settings, "en")).lead


def test_every_word_is_there_in_both_languages(compose):
    for language in words.LANGUAGES:
        for period in (WEEK, SATURDAY, APRIL):
            assert compose(period, language).language == language

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures import day_notes
from core.models.day_note import DayNote, NoteKind

DAY = dt.timedelta(days=1)
# A Saturday.
TODAY = dt.date(2026, 5, 16)


def note(first, last=None, kind=NoteKind.WINDOW, text="New window"):
    at = dt.datetime(2026, 5, 16, tzinfo=dt.UTC)
    return DayNote(first=first, last=last or first, kind=kind, text=text, written_at=at)


@pytest.fixture
def write(database):
    def put(*notes):
        with database.writing() as session:
            session.add_all(notes)

    return put


def test_notes_are_found_by_any_of_their_days(database, write):
    write(
        note(TODAY - 9 * DAY, TODAY - 7 * DAY, text="before"),
        note(TODAY - 8 * DAY, TODAY - 6 * DAY, text="into"),
        note(TODAY - 20 * DAY, TODAY + 20 * DAY, text="over all"),
        note(TODAY - 5 * DAY, text="within"),
        note(TODAY - 3 * DAY, text="after"),
    )

    found = day_notes.find(database, TODAY - 6 * DAY, TODAY - 4 * DAY)

    assert [each.text for each in found] == ["over all", "into", "within"]


def test_the_newest_are_those_of_the_latest_days(database, write):
    write(*(note(TODAY - number * DAY, text=str(number)) for number in (2, 0, 1)))

    assert [each.text for each in day_notes.newest(database, 2)] == ["0", "1"]


def test_a_closed_day_is_compared_with_nothing():
    closed = note(TODAY - 3 * DAY, TODAY - 2 * DAY, NoteKind.CLOSED)

    week = day_notes.incomparable([closed], TODAY - 6 * DAY, TODAY, TODAY - 13 * DAY)
    next_week = day_notes.incomparable([closed], TODAY + DAY, TODAY + 7 * DAY, TODAY - 6 * DAY)

    assert week == {TODAY - 3 * DAY, TODAY - 2 * DAY}
    assert next_week == {TODAY + 4 * DAY, TODAY + 5 * DAY}


def test_days_on_both_sides_of_a_move_of_the_sensor_are_not_compared():
    moved = note(TODAY - 3 * DAY, kind=NoteKind.SENSOR_MOVED)

    found = day_notes.incomparable([moved], TODAY - 6 * DAY, TODAY, TODAY - 13 * DAY)

    assert found == {TODAY - number * DAY for number in (3, 2, 1, 0)}
    assert not day_notes.incomparable([moved], TODAY + 5 * DAY, TODAY + 11 * DAY, TODAY - 2 * DAY)


@pytest.mark.parametrize("kind", sorted(set(NoteKind) - day_notes.LEFT_OUT))
def test_other_notes_leave_nothing_out(kind):
    ordinary = note(TODAY - 20 * DAY, TODAY, kind)

    assert not day_notes.incomparable([ordinary], TODAY - 6 * DAY, TODAY, TODAY - 13 * DAY)


def test_what_stays_is_compared_in_whole_weeks_after_it():
    redecorated = note(TODAY - 20 * DAY, TODAY - 18 * DAY)

    found = day_notes.before_after(redecorated, TODAY)

    # Of 17 days that are over, two weeks; and the two that end before the work began.
    assert (found.first, found.last) == (TODAY - 17 * DAY, TODAY - 4 * DAY)
    assert (found.before_first, found.before_last) == (TODAY - 38 * DAY, TODAY - 25 * DAY)


def test_what_is_over_with_its_last_day_is_compared_as_long_as_it_lasted():
    sale = note(TODAY - 5 * DAY, TODAY + 9 * DAY, NoteKind.CAMPAIGN)

    found = day_notes.before_after(sale, TODAY)

    assert (found.first, found.last) == (TODAY - 5 * DAY, TODAY - DAY)
    assert (found.before_first, found.before_last) == (TODAY - 12 * DAY, TODAY - 8 * DAY)


@pytest.mark.parametrize(
    "early",
    [
        note(TODAY - 7 * DAY),
        note(TODAY, TODAY + DAY, NoteKind.CAMPAIGN),
        note(TODAY - 30 * DAY, kind=NoteKind.CLOSED),
        note(TODAY - 30 * DAY, kind=NoteKind.SENSOR_MOVED),
    ],
    ids=["not yet a week", "not yet a day", "closed", "moved"],
)
def test_some_notes_have_nothing_to_compare(early):
    assert day_notes.before_after(early, TODAY) is None


@given(
    st.sampled_from(sorted(set(NoteKind) - day_notes.LEFT_OUT)),
    st.integers(0, 400),
    st.integers(1, 60),
)
def test_before_and_after_are_of_like_weekdays_and_the_note_lies_between(kind, ago, length):
    first = TODAY - ago * DAY
    of_days = note(first, first + (length - 1) * DAY, kind)

    found = day_notes.before_after(of_days, TODAY)

    if found is not None:
        assert (found.first - found.before_first).days % 7 == 0
        assert found.before_last < of_days.first <= found.first <= found.last < TODAY
        # No more than a week lies between that need not.
        assert (found.first - found.before_first).days - (found.last - found.first).days < 7 + (
            found.first - of_days.first
        ).days + 1

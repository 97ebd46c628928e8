import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.shape import Counters
from gear.radius.counting import Session, news
from gear.radius.words import Kind, Phone, Report

PHONE = Phone("ac1", "02:00:00:00:00:0a", "", "s1", {})


def report(kind, up, down, at=0, lasted_s=None):
    return Report(kind, PHONE, at, lasted_s, Counters(up, down), "")


def known(up, down, at=0, *, is_over=False):
    return Session(Counters(up, down), at, is_over)


@pytest.mark.parametrize(
    ("before", "told", "grown"),
    [
        pytest.param(None, report(Kind.START, 0, 0, 100), (0, 0), id="begins"),
        pytest.param(
            None, report(Kind.INTERIM, 5, 9, 100, lasted_s=30), (5, 9), id="its start was lost"
        ),
        pytest.param(
            None, report(Kind.INTERIM, 5, 9, 100, lasted_s=90), (0, 0), id="older than we are"
        ),
        pytest.param(None, report(Kind.STOP, 5, 9, 100), (0, 0), id="does not say how old"),
        pytest.param(known(5, 9, 100), report(Kind.INTERIM, 7, 9, 160), (2, 0), id="goes on"),
        pytest.param(known(5, 9, 100), report(Kind.INTERIM, 5, 9, 160), (0, 0), id="is silent"),
        pytest.param(known(5, 9, 100), report(Kind.STOP, 6, 9, 110), (1, 0), id="ends"),
        pytest.param(known(5, 9, 100), report(Kind.INTERIM, 5, 9, 100), None, id="said twice"),
        pytest.param(known(5, 9, 100), report(Kind.INTERIM, 4, 8, 90), None, id="overtaken"),
        pytest.param(known(5, 9, 100), report(Kind.START, 0, 0, 90), None, id="start comes late"),
        pytest.param(
            known(5, 9, 100, is_over=True), report(Kind.STOP, 5, 9, 100), None, id="stop twice"
        ),
        pytest.param(
            known(5, 9, 100, is_over=True), report(Kind.INTERIM, 5, 9, 90), None, id="after stop"
        ),
        pytest.param(
            known(5, 9, 100, is_over=True), report(Kind.START, 0, 0, 200), (0, 0), id="used again"
        ),
        pytest.param(known(5, 9, 100), report(Kind.INTERIM, 2, 1, 200), (2, 1), id="counts anew"),
        pytest.param(
            known(5, 9, 100), report(Kind.INTERIM, 6, 12, 50), (1, 3), id="its clock was set back"
        ),
        pytest.param(known(5, 9), report(Kind.INTERIM, 4, 8), None, id="no clock, overtaken"),
        pytest.param(known(5, 9), report(Kind.INTERIM, 6, 9), (1, 0), id="no clock, goes on"),
        pytest.param(known(5, 9), report(Kind.STOP, 5, 9), (0, 0), id="no clock, ends"),
        pytest.param(
            known(5, 9, is_over=True), report(Kind.INTERIM, 5, 9), None, id="no clock, after stop"
        ),
        pytest.param(
            known(5, 9, is_over=True), report(Kind.START, 0, 0), (0, 0), id="no clock, used again"
        ),
    ],
)
def test_counts_what_is_new_and_nothing_twice(before, told, grown):
    found = news(before, told, listening_s=60)

    assert (found and (found.grown.bytes_up, found.grown.bytes_down)) == grown


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8), st.randoms(), st.booleans())
def test_whatever_the_order_and_however_often_a_session_is_charged_what_it_used(
    steps, random, has_clock
):
    total, told = 0, [report(Kind.START, 0, 0, 100 * has_clock)]
    for number, step in enumerate(steps, 1):
        total += step
        told.append(report(Kind.INTERIM, total, 0, (100 + 60 * number) * has_clock))
    told[-1] = report(Kind.STOP, total, 0, told[-1].said_at)
    heard = told[1:] + random.choices(told, k=5)
    random.shuffle(heard)
    session, charged = None, 0
    # The start comes first; the others as they like.
    for each in [told[0], *heard]:
        found = news(session, each, listening_s=60)
        if found:
            session, charged = found.session, charged + found.grown.bytes_up

    # Without a clock a start that comes again after the stop is taken for a new session.
    if has_clock or not any(each.kind is Kind.START for each in heard):
        assert charged == total
        assert session.is_over

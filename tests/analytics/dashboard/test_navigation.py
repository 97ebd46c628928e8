import pytest

from analytics.dashboard import navigation, pages

NAMES = {page for group in pages.GROUPS.values() for page in group}


def test_a_group_of_which_one_may_open_nothing_is_left_out():
    may = {"today", "history", "audit"}

    found = navigation.groups(pages.GROUPS, may.__contains__, "history")

    assert [(group.name, group.pages, group.is_here) for group in found] == [
        ("figures_of", ("today", "history"), True),
        ("appliance", ("audit",), False),
    ]


@pytest.mark.parametrize(
    ("address", "page"), [("/history", "history"), ("/notes", "history"), ("/sync", "sync")]
)
def test_the_bar_marks_the_page_that_a_view_belongs_to(alice, address, page):
    found = alice.get(address).text

    assert f'href="/{page}" aria-current="page"' in found


def test_every_page_of_the_bar_is_there_and_may_be_opened_by_somebody(app):
    assert {f"{name}.page" for name in NAMES} <= set(app.view_functions)


def test_every_page_knows_where_in_the_bar_it_is(app):
    apart = {"account", "sign_in", "static", "live", None}
    blueprints = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()} - apart

    lost = {each for each in blueprints if pages.PART_OF.get(each, each) not in NAMES}
    assert lost == set()

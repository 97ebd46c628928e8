"""The pages of accounts and of the audit log in a browser: seen, read aloud, worked by keys."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.models.member import Member
from core.models.user import Role
from tests.analytics.dashboard.conftest import signed_in, staff

pytestmark = pytest.mark.browser

HERE = {"Origin": "http://localhost"}
PASSWORD = "correct horse battery"


@pytest.fixture
def pages(alice, charlie, hired, enrol, database):
    """Every page that this is about, with something on it, and who sees it."""
    enrol()
    with database.reading() as session:
        member = session.query(Member).one().public_id
    alice.get("/members")
    alice.post("/campaigns/save", data={"name": ""}, headers=HERE)
    alice.get(f"/members/{member}/erase")
    bob = hired(Role.IT)
    bob.get("/online")
    bob.get("/members")
    bob.post("/account/totp/begin", data={"password": PASSWORD}, headers=HERE)
    with charlie.session_transaction() as cookie:
        cookie.update({"half": 1, "half_until": 4_000_000_000})
    return {
        "code": (charlie, "/sign-in/code"),
        "account": (alice, "/account?done=password"),
        "totp": (bob, "/account/totp"),
        "audit": (alice, "/audit"),
        "members": (alice, "/members"),
        "erase": (alice, f"/members/{member}/erase"),
        "reveal": (alice, f"/members/{member}/reveal"),
    }


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(390, "dark", "zh"), (1440, "light", "en")]
)
def test_they_fit_and_axe_finds_nothing(show, pages, width, scheme, language):
    faults = {}
    for name, (client, path) in pages.items():
        join = "&" if "?" in path else "?"
        page = show(f"{path}{join}lang={language}", width, scheme, client=client)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults[name] = "too wide"
        for each in Axe().run(page).response["violations"]:
            faults[f"{name} {each['id']}"] = [node["html"][:160] for node in each["nodes"]]

    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)


def test_a_phone_shows_whole_what_was_done_by_whom_and_from_where(show, app, database, clock):
    name = "n" * 64
    with database.writing() as session:
        session.add(staff(name, Role.MANAGER, clock.now))
    somebody = signed_in(app, name)
    somebody.get("/members", environ_base={"REMOTE_ADDR": "2001:db8:1111:2222:3333:4444:5555:6666"})
    page = show("/audit?lang=en", 390, "light", client=somebody)

    assert page.evaluate(
        "(({scrollWidth, clientWidth}) => scrollWidth <= clientWidth)"
        "(document.querySelector('.wide-table'))"
    )
    assert min(cell.bounding_box()["width"] for cell in page.locator(".what").all()) > 120


def test_the_keys_reach_every_field_of_the_account_in_order(show, alice):
    page = show("/account", 1440, "light", client=alice)
    page.focus("#current")
    reached = []
    for _ in range(6):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        page.keyboard.press("Tab")

    assert reached == ["current", "new", "again", "BUTTON", "password", "BUTTON"]

"""The page of news for the CRM: what waits, what was refused, and what somebody does about it."""

import datetime as dt
import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from core import outbox
from core.models.crm_line import CrmLine
from core.models.outbox_event import OutboxEvent, OutboxState
from core.models.user import Role
from core.outbox import EventType

HERE = {"Origin": "http://localhost"}
CANARY = "+8613800138000"


@pytest.fixture
def refused(database, sealer, now):
    """Of three pieces of news the CRM has refused two, and now it is down."""
    with database.writing() as session:
        for subject in ("A", "B", "C"):
            outbox.add(
                session,
                sealer,
                EventType.COUPON_USED,
                subject=subject,
                data={"phone": CANARY},
                now=now - dt.timedelta(hours=2),
            )
        session.flush()
        for number, reason in ((1, "bad_data"), (2, "http_413")):
            row = session.get(OutboxEvent, number)
            row.state, row.last_error = OutboxState.PARKED, reason
        session.add(
            CrmLine(
                failures=3,
                failed_at=now,
                open_until=now + dt.timedelta(minutes=9),
                reason="http_503",
                last_success_at=now - dt.timedelta(hours=3),
                dropped=7,
                dropped_at=now,
                reconciled_at=now,
                differences=3,
                unknown=2,
            )
        )


def states(database):
    with database.reading() as session:
        return {row.subject: row.state.value for row in session.query(OutboxEvent)}


@pytest.mark.usefixtures("refused")
def test_shows_what_was_refused_and_why_and_nothing_of_anybody(alice):
    page = alice.get("/sync?lang=en").text

    assert "It does not take what the event says" in page
    assert "http_413" in page
    assert "http_503" in page
    assert "3 differences · 2 of them for you to decide" in page
    assert CANARY[1:] not in page


@pytest.mark.usefixtures("refused")
def test_one_is_sent_again_and_the_other_let_go_of(hired, database):
    bob = hired(Role.IT)
    bob.post("/sync/1/send-again", headers=HERE)
    bob.post("/sync/2/let-go", headers=HERE)

    assert states(database) == {"A": "waiting", "C": "waiting"}


@pytest.mark.usefixtures("refused")
def test_no_comparison_is_promised_of_a_crm_that_cannot_be_asked(alice):
    page = alice.get("/sync?lang=en").text

    assert "nothing tells the CRM again" in page
    assert "told anew" not in page


@pytest.mark.usefixtures("refused")
def test_somebody_s_will_is_not_to_be_let_go_of(alice, database):
    with database.writing() as session:
        session.get(OutboxEvent, 1).type = EventType.CONSENT_WITHDRAWN
    page = alice.get("/sync").text

    assert "/sync/1/send-again" in page
    assert "/sync/1/let-go" not in page
    assert "/sync/2/let-go" in page


@pytest.mark.usefixtures("refused")
def test_all_are_sent_again_at_once(alice, database):
    assert alice.post("/sync/send-again", headers=HERE).location == "/sync"

    assert set(states(database).values()) == {"waiting"}


@pytest.mark.usefixtures("refused")
def test_what_waits_is_not_let_go_of(alice, database):
    alice.post("/sync/3/let-go", headers=HERE)

    assert states(database)["C"] == "waiting"
    assert alice.post("/sync/99/let-go", headers=HERE).status_code == 404


@pytest.mark.usefixtures("refused")
def test_who_may_only_look_sees_nothing_to_press(hired):
    page = hired(Role.AUDITOR).get("/sync").text

    assert "/sync/1/" not in page
    assert "http_413" in page


@pytest.mark.browser
@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(390, "dark", "zh"), (1440, "light", "en")]
)
def test_it_fits_and_axe_finds_nothing(show, alice, width, scheme, language):
    page = show(f"/sync?lang={language}", width, scheme, client=alice)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faults = {
        each["id"]: [node["html"][:160] for node in each["nodes"]]
        for each in Axe().run(page).response["violations"]
    }
    assert faults == {}, json.dumps(faults, indent=1, ensure_ascii=False)

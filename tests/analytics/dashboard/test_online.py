import datetime as dt

import pytest

from analytics.dashboard import online
from core.mac import Mac
from core.models.grant import EndCause, Grant
from gate.client import Online
from tests import running_grant

ALICE = Mac.parse("3c:22:fb:9a:1b:c4")
BOB = Mac.parse("02:00:00:00:00:0b")
OURS = {"Origin": "http://localhost"}


@pytest.fixture
def let_in(database, sealer, gate, clock):
    """Puts a phone online, with a grant that began some minutes ago."""

    def put(mac, minutes_ago=0, **values):
        since = clock.now - dt.timedelta(minutes=minutes_ago)
        left_s = int((since + running_grant.LASTS - clock.now).total_seconds())
        # The gate counts on and on; what belongs to the session is in its grant.
        gate.inside[mac.text()] = Online(left_s, 999_000_000, 999_000_000)
        used = {"bytes_up": 1_234, "bytes_down": 56_789_000}
        return running_grant.give(database, sealer, mac, since, **used, **values)

    return put


@pytest.fixture
def key_of(sealer):
    return lambda mac: sealer.lookup("mac", mac.octets).hex()


@pytest.fixture
def cut(alice, key_of):
    return lambda mac: alice.post("/online/cut", data={"device": key_of(mac)}, headers=OURS)


@pytest.fixture
def end_of(database):
    def read(grant_id):
        with database.reading() as session:
            return session.get(Grant, grant_id).end_cause

    return read


def test_shows_since_when_until_when_and_how_much(alice, let_in):
    let_in(ALICE, minutes_ago=30)
    page = alice.get("/online?lang=en").text

    assert "1 online" in page
    assert ">14:00<" in page
    assert ">–18:00<" in page
    assert "30 min ago" in page
    assert "↑ 1.2 kB" in page
    assert "↓ 57 MB" in page


def test_counts_who_has_to_enter_a_code_again(alice, let_in, database, clock):
    let_in(ALICE)
    held = let_in(BOB, phone="+8613912345678")
    assert "On hold" not in alice.get("/online?lang=en").text

    with database.writing() as session:
        session.get(Grant, held).challenged_at = clock.now
    assert "On hold besides these: 1." in alice.get("/online?lang=en").text


def test_a_time_that_is_not_today_has_its_date(alice, let_in, gate):
    let_in(ALICE, minutes_ago=24 * 60)
    gate.inside[ALICE.text()] = Online(24 * 3600, 0, 0)
    page = alice.get("/online?lang=en").text

    assert ">14:30<" not in page
    assert "17 14:30" in page


def test_shows_no_number_and_no_address_whole(alice, let_in):
    let_in(ALICE)
    page = alice.get("/online").text

    assert "138****8000" in page
    assert "**:1b:c4" in page
    for secret in ("13800138000", ALICE.text(), ALICE.octets.hex(), "9a:1b:c4"):
        assert secret not in page


def test_tells_members_from_guests(alice, let_in, enrol):
    enrol()
    let_in(ALICE, member_id=1)
    let_in(BOB)
    page = alice.get("/online?lang=en").text

    assert page.count(">Member<") == 1
    assert page.count(">Guest<") == 1


@pytest.fixture
def crowd(let_in):
    """One more than a page holds, each a second after the next."""
    for number in range(online.PAGE_LENGTH + 1):
        let_in(Mac(bytes([2, 0, 0, 0, number >> 8, number & 255])), minutes_ago=number / 60)


@pytest.mark.usefixtures("crowd")
def test_who_came_last_stands_first_on_the_first_of_the_pages(gate, database, sealer, clock):
    first, second, beyond, before = (
        online.page(database, sealer, gate, clock.now, number) for number in (1, 2, 99, -1)
    )

    assert first.count == second.count == online.PAGE_LENGTH + 1
    assert [line.masked_mac for line in first.lines[:2]] == ["**:00:00", "**:00:01"]
    assert len(first.lines) == online.PAGE_LENGTH
    assert [line.masked_mac for line in second.lines] == ["**:00:c8"]
    assert (beyond, before) == (second, first)


@pytest.mark.usefixtures("crowd")
def test_the_pages_of_a_crowd_lead_to_each_other_and_stay_where_they_are(alice, key_of):
    first, second = alice.get("/online").text, alice.get("/online?page=2").text

    assert 'href="/online?page=2"' in first
    assert 'href="/online?page=1"' in second
    assert 'content="20; url=/online?page=2&amp;again=1"' in second
    assert 'name="page" value="2"' in second
    form = {"device": key_of(BOB), "page": "2"}
    assert alice.post("/online/cut", data=form, headers=OURS).location == "/online?page=2"


def test_only_who_is_at_the_gate_is_online(alice, let_in, gate):
    let_in(ALICE)
    gate.inside.clear()

    assert "Nobody is online" in alice.get("/online?lang=en").text


def test_a_phone_that_somebody_let_in_by_hand_is_shown_and_can_be_cut(alice, gate, cut):
    gate.inside[ALICE.text()] = Online(3600, 0, 0)

    assert "unknown" in alice.get("/online?lang=en").text
    assert cut(ALICE).status_code == 303
    assert gate.inside == {}


def test_a_number_sealed_with_a_lost_key_does_not_break_the_page(alice, let_in, database):
    let_in(ALICE)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE logins SET sealed_account = x'00'")

    assert "unknown" in alice.get("/online?lang=en").text


def test_cutting_stops_one_phone_and_ends_its_grant(let_in, gate, cut, end_of):
    grant_of_alice, grant_of_bob = let_in(ALICE), let_in(BOB)

    assert cut(ALICE).location == "/online"
    assert gate.inside.keys() == {BOB.text()}
    assert end_of(grant_of_alice) is EndCause.REVOKED
    assert end_of(grant_of_bob) is None


def test_a_phone_that_the_gate_forgot_is_not_restored_once_it_is_cut(let_in, gate, cut, end_of):
    grant_id = let_in(ALICE)
    gate.inside.clear()

    assert cut(ALICE).status_code == 303
    assert end_of(grant_id) is EndCause.REVOKED


@pytest.mark.parametrize("key", ["", "zz", "00" * 16, ALICE.text()])
def test_a_key_that_names_nobody_changes_nothing(alice, let_in, gate, key):
    let_in(ALICE)

    assert alice.post("/online/cut", data={"device": key}, headers=OURS).status_code == 303
    assert gate.inside.keys() == {ALICE.text()}


def test_a_gate_that_does_not_answer_is_said_to_be_silent(alice, let_in, gate):
    let_in(ALICE)
    gate.down = True
    response = alice.get("/online?lang=en")

    assert response.status_code == 503
    assert "The gate does not answer" in response.text
    assert "Nobody is online" not in response.text


def test_nobody_is_called_cut_off_before_the_gate_has_done_it(let_in, gate, cut, end_of):
    grant_id = let_in(ALICE)
    gate.down = True
    response = cut(ALICE)

    assert response.status_code == 503
    assert 'role="alert"' in response.text
    assert end_of(grant_id) is None


def test_the_page_sends_for_itself_again_and_never_for_a_form(alice, gate, cut):
    assert 'content="20; url=/online?again=1"' in alice.get("/online").text
    gate.down = True
    assert 'content="20; url=/online?again=1"' in cut(ALICE).text


def test_a_foreign_form_cuts_nobody(alice, let_in, gate, key_of):
    let_in(ALICE)
    response = alice.post(
        "/online/cut", data={"device": key_of(ALICE)}, headers={"Origin": "http://evil.example"}
    )

    assert response.status_code == 403
    assert gate.inside.keys() == {ALICE.text()}


def test_a_stranger_cuts_nobody(charlie, let_in, gate, key_of):
    let_in(ALICE)
    response = charlie.post("/online/cut", data={"device": key_of(ALICE)}, headers=OURS)

    assert response.location == "/sign-in"
    assert gate.inside.keys() == {ALICE.text()}

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from appliance.crm import crm
from core import clock, outbox, secret_file
from core.database import Database
from core.models.audit_entry import AuditEntry
from core.models.consent import Consent, Purpose
from core.models.every import metadata
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from tests.crm.connectors import news_of
from tests.crm.desk import CANARY

MEMBER = news_of.new_id()


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store whose CRM is nowhere: whoever sent to it would fail."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DOORMAN_CRM__URL", "https://crm.invalid/events")
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    secret_file.load_or_create(tmp_path)
    yield database, secret_file.open_sealer(tmp_path)
    database.dispose()


@pytest.fixture
def waiting(store):
    database, sealer = store
    event = news_of.enrolled(MEMBER, phone=CANARY)
    with database.writing() as session:
        outbox.add(
            session,
            sealer,
            EventType.MEMBER_ENROLLED,
            subject=MEMBER,
            data=event.data,
            now=clock.now(),
        )
    return database


def run(*arguments):
    return CliRunner().invoke(crm, ["preview", *arguments])


def requests(output):
    """The bodies that were printed."""
    lines = [line for line in output.splitlines() if not line.startswith(("#", "POST"))]
    decoder, text, found = json.JSONDecoder(), "\n".join(lines).strip(), []
    while text:
        body, end = decoder.raw_decode(text)
        found.append(body)
        text = text[end:].strip()
    return found


@pytest.mark.parametrize("arguments", [("--member", MEMBER), ("--last", "5")])
def test_shows_what_waits_and_leaves_it_waiting(waiting, arguments):
    result = run(*arguments)

    assert result.exit_code == 0, result.output
    assert "POST https://crm.invalid/events" in result.output
    [[envelope]] = requests(result.output)
    assert envelope["subject"] == MEMBER
    assert envelope["data"]["phone"] == "+86138****8000"
    assert CANARY not in result.output
    with waiting.reading() as session:
        assert outbox.standing(session).waiting == 1


def test_shows_a_member_of_whom_nothing_waits_as_of_now_and_queues_nothing(store):
    database, sealer = store
    now = clock.now()
    with database.writing() as session:
        member = Member(public_id=MEMBER, language="zh", enrolled_at=now)
        session.add(member)
        session.flush()
        lookup, place = sealer.lookup("phone", CANARY.encode()), "identities.sealed_value"
        session.add(
            Identity(
                member_id=member.id,
                kind=IdentityKind.PHONE,
                lookup=lookup,
                sealed_value=sealer.seal(place, CANARY.encode()),
                verified_at=now,
            )
        )
        session.add(
            Consent(
                account_lookup=lookup,
                member_id=member.id,
                purpose=Purpose.MEMBERSHIP,
                wording_version="1",
                language="zh",
                given_at=now,
            )
        )

    [[envelope]] = requests(run("--member", MEMBER).output)
    assert (envelope["type"], envelope["data"]["consents"]) == (
        "doorman.member.updated",
        ["membership"],
    )
    with database.reading() as session:
        assert session.scalars(sa.select(OutboxEvent)).all() == []
        assert session.scalars(sa.select(Member.version)).one() == member.version


def test_without_a_choice_each_type_is_shown_made_up_where_none_waits(waiting):
    output = run().output

    types = {body[0]["type"] for body in requests(output)}
    assert {"doorman.member.enrolled", "doorman.member.erased", "doorman.coupon.used"} <= types
    assert "doorman.member.erased (made up)" in output
    assert "doorman.member.enrolled\n" in output


def test_who_sees_personal_values_is_written_down(waiting):
    assert CANARY in run("--last", "1", "--show-personal").output

    with waiting.reading() as session:
        [entry] = session.scalars(sa.select(AuditEntry))
    assert entry.action == "crm.preview"
    assert entry.user_name.startswith("system:")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--member", MEMBER, "--last", "1"), "not both", id="two-choices"),
        pytest.param(("--member", MEMBER), "no such member", id="nobody"),
    ],
)
def test_says_what_is_wrong(store, arguments, says):
    result = run(*arguments)

    assert result.exit_code != 0
    assert says in result.output


def test_without_a_crm_it_says_so(store, monkeypatch):
    monkeypatch.delenv("DOORMAN_CRM__URL")

    assert "there is no CRM" in run().output

import datetime as dt

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from appliance.crm import crm
from core import clock, outbox, secret_file
from core.database import Database
from core.models.consent import Purpose
from core.models.crm_proof import CrmProof, ToldOf
from core.models.every import metadata
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from crm import ledger
from tests.crm.desk import CANARY

ALICE, BOB = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"


@pytest.fixture
def parked(tmp_path, monkeypatch):
    """An appliance of whose news the CRM has refused one; its id."""
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    metadata.create_all(database.engine)
    secret_file.load_or_create(tmp_path)
    sealer = secret_file.open_sealer(tmp_path)
    with database.writing() as session:
        ids = [
            outbox.add(
                session,
                sealer,
                EventType.MEMBER_UPDATED,
                subject=subject,
                data={"phone": CANARY},
                now=clock.now(),
            )
            for subject in ("A", "B")
        ]
        refused = session.scalars(sa.select(OutboxEvent).where(OutboxEvent.event_id == ids[0]))
        ledger.parked(session, refused.all(), "bad_data")
    yield ids[0]
    database.dispose()


def run(*arguments):
    return CliRunner().invoke(crm, arguments)


def test_tells_what_waits_and_what_was_refused(parked):
    assert run("status").output == "waiting\t1\noldest\t0 min\nbreaker\tclosed\nparked\t1\n"

    [line] = run("parked").output.splitlines()
    assert line.split("\t")[:3] == [parked, "doorman.member.updated", "A"]
    assert line.endswith("bad_data")
    assert CANARY[-8:] not in line


@pytest.mark.parametrize("choice", ["id", "all"])
def test_sends_again_what_is_chosen(parked, choice):
    result = run("send-again", parked if choice == "id" else "--all")

    assert result.output == "1 wait to be sent again\n"
    assert "parked\t0" in run("status").output


def test_an_id_that_is_not_parked_changes_nothing(parked):
    result = run("send-again", parked, "0" * 26)

    assert result.exit_code == 1
    assert "1 of these are not parked; nothing was changed" in result.output
    assert "parked\t1" in run("status").output


@pytest.mark.parametrize("arguments", [(), ("--all", "0" * 26)])
@pytest.mark.usefixtures("parked")
def test_which_has_to_be_said(arguments):
    assert run("send-again", *arguments).exit_code == 2


def test_without_a_database_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))

    result = run("status")

    assert result.exit_code == 1
    assert "doorman migrate" in result.output


def test_tells_what_the_crm_has_taken_of_somebody_s_will(parked, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'doorman.sqlite'}")
    at = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)
    with database.writing() as session:
        for member, purpose, told_of in (
            (ALICE, Purpose.MARKETING, ToldOf.WITHDRAWN),
            (BOB, None, ToldOf.ERASED),
        ):
            proof = CrmProof(
                event_id=member,
                member=member,
                told_of=told_of,
                purpose=purpose,
                crm="hubspot",
                has_place=purpose is None,
                happened_at=at,
                confirmed_at=at,
            )
            session.add(proof)
    database.dispose()

    moment = "2026-05-16T06:30:00+00:00"
    of_bob = f"{moment}\t{moment}\terased\t{BOB}\thubspot"
    of_alice = f"{moment}\t{moment}\twithdrawn marketing\t{ALICE}\thubspot, with the update"
    assert run("told").output.splitlines() == [of_bob, of_alice]
    assert run("told", ALICE).output.splitlines() == [of_alice]
    assert run("told", "--since", "2026-05-17").output == ""

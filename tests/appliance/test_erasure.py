"""Somebody is put everywhere, erased, and looked for in every field of every database."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import portal
from appliance.demo.fakes import crm_intake
from appliance.demo.fakes.store import Store as CrmStore
from appliance.erasure import erasure
from appliance.erasure_report import LOCKED, LOCKED_AT_HEADQUARTERS
from backup.keys import PrivateKey
from core import migrate, secret_file, traces
from core.database import Database
from core.models import identity as identities
from core.models.audit_entry import AuditEntry
from core.models.base import LookupBinary, SealedBinary
from core.models.code_send import CodeSend, SendState
from core.models.consent import Purpose
from core.models.every import metadata
from core.models.gone_member import GoneMember
from core.models.grant import Grant
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.outbox import EventType
from core.settings import Settings
from core.texts import Texts
from core.wechat_relay import Way
from crm import delivery
from crm.backoff import Backoff
from crm.shape import Answer, Outcome
from hq import followers, logins
from hq import wsgi as hq_wsgi
from hq.models.every import metadata as of_hq
from hq.models.store import Store
from tests.hq.intake.chain import Chain
from tests.portal.made_up_store import APP, MadeUpStore

NUMBER, EMAIL, OPENID, UNIONID = "+8613800138000", "alice@shop.example", f"{APP}:o-alice", "u-alice"
GONE, INTO = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"
OTHER_NUMBER = "+8613912345678"
TICKED = set(Purpose) - {Purpose.TERMS}
MAC = b"\x02\xca\xfe\xca\xfe\x01"
KNOWN_BY = [each.encode() for each in (NUMBER, EMAIL, OPENID, UNIONID, "o-alice")]
REVISIONS = (migrate.STORE, hq_wsgi.REVISIONS)
ASKED = ["--phone", NUMBER, "--email", EMAIL, "--openid", OPENID]
EVERYWHERE = {
    "access_records.account_lookup",
    "access_records.sealed_body",
    "code_sends.account_lookup",
    "consents.account_lookup",
    "identities.lookup",
    "identities.sealed_value",
    "logins.account_lookup",
    "logins.sealed_account",
    "logins.sealed_keys",
    "outbox_events.sealed_data",
}
EVERYWHERE_AT_HEADQUARTERS = {
    "bindings.lookup",
    "chain_identities.lookup",
    "chain_identities.sealed_value",
    "inbox_batches.sealed_body",
    "outbox_events.sealed_data",
}


def databases(folder):
    at_hq = hq_wsgi.database_url(Settings(data_dir=folder))
    return Database(f"sqlite:///{folder / 'doorman.sqlite'}"), Database(at_hq)


# Sealed, or an index, and not of the account that is erased.
OTHERS = {
    "access_exports.sealed_body": "what the police ask for; locked, for days",
    "api_tokens.token_lookup": "a program's",
    "crm_records.sealed_remote_id": "the CRM's own name; its connector ends it with the tombstone",
    "devices.lookup": "a phone's, asked for by --mac",
    "devices.sealed_mac": "a phone's, asked for by --mac",
    "failed_sign_ins.address_lookup": "the staff's",
    "failed_sign_ins.name_lookup": "the staff's",
    "access_records.device_lookup": "a phone's, asked for by --mac",
    "logins.sealed_code": "a code",
    "logins.sealed_offer": "a link of WeChat's",
    "opt_outs.entry": "by a key of its own; a phone's",
    "portal_phones.mark": "by the day's own key; a phone's",
    "report_mails.recipient": "the staff's",
    "sign_ins.token_lookup": "the staff's",
    "sponsor_requests.sealed_name": "what a guest likes to be called; a day",
    "users.sealed_totp_secret": "the staff's",
    "vouchers.lookup": "a voucher's",
    "vouchers.sealed_code": "a voucher's",
}


class Takes:
    """Whoever is sent news, and takes all of it."""

    takes = frozenset(EventType)
    at_once = 1

    def __init__(self, take):
        self.take = take

    def send(self, batch):
        for event in batch:
            self.take(event.envelope())
        return {event.id: Answer(Outcome.ACCEPTED) for event in batch}


class World:
    """A store, its headquarters, and the CRM of the chain, each with what is on disk."""

    def __init__(self, folder, now):
        self.folder = folder
        self.sealer = secret_file.open_sealer(folder)
        self.database, self.hq = databases(folder)
        self.chain = Chain(self.hq, self.sealer, now, folder, names=("store-7",))
        texts = Texts.load(Path(portal.__file__).parent / "texts")
        self.shop = MadeUpStore(self.database, texts, now, folder, self.sealer)
        self.shop.crm = Takes(self.chain.take_in)
        (folder / "crm").mkdir()
        self.crm = CrmStore(folder / "crm")

    def close(self):
        self.database.dispose()
        self.hq.dispose()

    def put_everywhere(self):
        self.shop.log_in(1, NUMBER, *TICKED, wechat="alice")
        with self.database.writing() as session:
            member, grant = session.query(Member).one(), session.query(Grant).one()
            session.add(
                Identity(
                    member_id=member.id,
                    kind=IdentityKind.EMAIL,
                    lookup=self.sealer.lookup("email", EMAIL.encode()),
                    sealed_value=self.sealer.seal(identities.VALUE, EMAIL.encode()),
                    verified_at=self.shop.now,
                )
            )
            session.add(
                CodeSend(
                    account_lookup=self.sealer.lookup("phone", NUMBER.encode()),
                    device_id=grant.device_id,
                    sent_at=self.shop.now,
                    state=SendState.TAKEN,
                )
            )
            public_id = member.public_id
        with self.hq.writing() as session:
            store = session.get_one(Store, "store-7")
            said = logins.Identity(Way.FOLLOW, APP, "o-alice")
            followers.bind(session, self.sealer, store, said, self.chain.now)
        self.shop.use()
        self.shop.deliver()
        self.chain.folding.run()
        self.tell_crm()
        # On its way from headquarters, to it, and from the store.
        self.change_number_and_back()
        self.shop.deliver()
        self.chain.folding.run()
        self.change_number_and_back()
        self.shop.deliver()
        self.change_number_and_back()
        return public_id

    def change_number_and_back(self):
        self.shop.change_number(NUMBER, OTHER_NUMBER)
        self.shop.change_number(OTHER_NUMBER, NUMBER)

    def tell_crm(self):
        def take(envelope):
            with self.crm.writing() as connection:
                assert crm_intake.take(connection, envelope, 0)["status"] == "accepted"

        self.chain.now += dt.timedelta(hours=1)
        backoff, settings = Backoff(), Settings(data_dir=self.folder)
        delivery.deliver(
            self.hq, self.sealer, Takes(take), settings, lambda: self.chain.now, backoff=backoff
        )

    def settle(self):
        self.shop.deliver()
        self.chain.folding.run()
        self.tell_crm()

    def places(self):
        sought = traces.Sought.of(self.sealer, KNOWN_BY)
        with self.database.reading() as session, self.hq.reading() as at_hq:
            return (
                set(traces.find(session, self.sealer, sought, metadata).places),
                set(traces.find(at_hq, self.sealer, sought, of_hq).places),
            )

    def at_crm(self):
        """Every value of every table of theirs."""
        with self.crm.reading() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            rows = [
                tuple(row)
                for (name,) in tables.fetchall()
                for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - its own
            ]
        return str(rows)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A folder with both databases, as they are made: it takes a while."""
    folder = tmp_path_factory.mktemp("empty")
    for database, revisions in zip(databases(folder), REVISIONS, strict=True):
        migrate.upgrade(database, revisions)
        database.dispose()
    return folder


@pytest.fixture
def world(empty, tmp_path, monkeypatch, now):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    for each in empty.iterdir():
        shutil.copy(each, tmp_path)
    made = World(tmp_path, now)
    yield made
    made.close()


def report(*arguments):
    return CliRunner().invoke(erasure, arguments)


def test_of_somebody_who_was_everywhere_nothing_is_left_but_what_is_locked(world):
    member = world.put_everywhere()
    store, headquarters = world.places()
    assert store >= EVERYWHERE
    assert headquarters >= EVERYWHERE_AT_HEADQUARTERS
    assert NUMBER in world.at_crm()
    assert "is a member, and not erased" in report(*ASKED).output

    world.shop.erase(NUMBER)
    waiting = report(member, *ASKED)
    assert waiting.exit_code == 1
    assert "CRM: has not confirmed the erasure yet" in waiting.output
    assert "store: LEFT" not in waiting.output
    world.settle()

    store, headquarters = world.places()
    assert store <= set(LOCKED)
    assert headquarters <= set(LOCKED_AT_HEADQUARTERS)
    assert not [each for each in (NUMBER, EMAIL, "o-alice", "u-alice") if each in world.at_crm()]
    done = report(member, *ASKED)
    assert done.exit_code == 0, done.output
    assert "backups: none are made" in done.output
    assert "CRM: has confirmed the erasure, 2026-05-" in done.output
    assert "locked, access log: " in done.output
    with world.database.writing() as session:
        session.execute(sa.delete(OutboxEvent))
    # As a month later, when the outbox has forgotten it.
    assert "CRM: has confirmed the erasure, 2026-05-" in report(member, *ASKED).output
    files = [each for each in world.folder.glob("*.sqlite*") if each.is_file()]
    assert len(files) >= len(REVISIONS)
    for each in files:
        assert not [value for value in (*KNOWN_BY, MAC) if value in each.read_bytes()], each.name


def test_every_field_that_is_sealed_was_filled_with_them_or_is_of_others():
    guarded = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (SealedBinary, LookupBinary))
    }

    assert guarded == EVERYWHERE | set(OTHERS)


def test_what_is_left_is_named_and_ends_in_a_fault(world):
    with world.database.writing() as session:
        other = Member(public_id=GONE, language="zh", enrolled_at=world.shop.now)
        session.add(other)
        session.flush()
        session.add(
            Identity(
                member_id=other.id,
                kind=IdentityKind.OPENID,
                lookup=b"\0" * 16,
                sealed_value=world.sealer.seal(identities.VALUE, OPENID.encode()),
                verified_at=world.shop.now,
            )
        )

    found = report(*ASKED)
    assert found.exit_code == 1
    assert "store: LEFT in identities.sealed_value: 1" in found.output


def test_what_a_member_has_withdrawn_is_told_and_whether_the_crm_knows(world):
    world.shop.log_in(1, NUMBER, *TICKED)
    with world.database.reading() as session:
        member = session.query(Member).one().public_id
    world.shop.deliver()
    assert "who has withdrawn nothing" in report(member).output

    world.shop.withdraw(NUMBER, Purpose.MARKETING)
    waiting = report(member)
    world.shop.deliver()
    done = report(member)

    assert (waiting.exit_code, done.exit_code) == (1, 0)
    assert ": marketing; the CRM has not confirmed" in waiting.output
    assert ": marketing; the CRM has confirmed" in done.output


def test_who_was_merged_was_not_erased(world):
    gone = GoneMember(public_id=GONE, into_id=INTO, gone_at=world.shop.now)
    with world.database.writing() as session:
        session.add(gone)

    found = report(GONE)
    assert found.exit_code == 1
    assert f"ask for {INTO}" in found.output


@pytest.mark.parametrize(
    ("daily", "asked", "said"),
    [
        ("7", [], "the last is removed 2026-06-15, if one is made each night"),
        ("0", [], "have them until the target removes them"),
        ("7", ["--backups-days", "90"], "other copies: those of before"),
    ],
)
def test_until_when_backups_have_them_is_told_by_the_settings(
    world, monkeypatch, daily, asked, said
):
    public = PrivateKey.new().public().text()
    for name, value in (("TARGET", "/mnt/nas"), ("PUBLIC_KEY", public), ("DAILY", daily)):
        monkeypatch.setenv(f"DOORMAN_BACKUP__{name}", value)
    gone_at = dt.datetime(2026, 5, 24, 12, tzinfo=dt.UTC)
    with world.database.writing() as session:
        session.add(GoneMember(public_id=GONE, gone_at=gone_at))

    found = report(GONE, *asked)
    assert found.exit_code == 0, found.output
    assert said in found.output


def test_the_copy_of_before_an_upgrade_is_a_fault(world):
    with world.database.writing() as session:
        session.add(GoneMember(public_id=GONE, gone_at=world.shop.now))
    (world.folder / "before-migration.sqlite").touch()

    found = report(GONE)
    assert found.exit_code == 1
    assert "before-migration.sqlite: may have them" in found.output


def test_an_id_that_nobody_had_is_no_proof(world):
    found = report(GONE)

    assert found.exit_code == 1
    assert "nobody of this id was erased here" in found.output


def test_that_somebody_asked_is_in_the_audit_log_and_what_they_asked_for_is_not(world):
    report(*ASKED)

    with world.database.reading() as session:
        row = session.scalars(sa.select(AuditEntry)).one()
    assert row.action == "erasure.report"
    assert row.member is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say a member's id"),
        (["--phone", "12"], "number"),
        (["--email", "x"], "Error"),
        (["--mac", "zz"], "MAC"),
    ],
)
def test_what_cannot_be_looked_for_is_an_error_of_use(arguments, said):
    result = report(*arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert "12" not in result.output.split("Error")[1]

"""A store's box with two members, its target for backups, and its owner with the private key."""

import datetime as dt
import shutil

import sqlalchemy as sa
from click.testing import CliRunner

from appliance.cli import doorman
from backup import making
from backup.keys import PrivateKey
from core import erasure, migrate, secret_file
from core.database import Database
from core.models import identity as identities
from core.models.consent import Consent, Purpose
from core.models.every import metadata
from core.models.identity import Identity, IdentityKind
from core.models.member import Member
from core.settings import load
from tests import tables

ANNA, BEN = "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"
KEY = PrivateKey(bytes(range(32)))


class Box:
    """A store's box, its target, and what its owner can do with both."""

    def __init__(self, tmp_path, url, now):
        self.root, self.url, self.now = tmp_path, url, now
        self.data, self.target = tmp_path / "data", tmp_path / "nas"
        self.config, self.key = tmp_path / "doorman.toml", tmp_path / "key"
        self.target.mkdir()
        self.key.write_text(KEY.text())
        self.more = ""
        self.set_up()

    def set_up(self, more=""):
        """As from its settings: no data yet."""
        self.data.mkdir(exist_ok=True)
        self.config.write_text(
            f'data_dir = "{self.data}"\n[database]\nurl = "{self.url}"\n'
            f'[backup]\ntarget = "{self.target}"\npublic_key = "{KEY.public().text()}"\n{more}'
        )

    def open(self):
        return Database(load().database_url)

    def fill(self):
        secret_file.load_or_create(self.data)
        if not self.url:
            tables.sqlite(self.data / "doorman.sqlite", metadata).dispose()
        database = self.open()
        give_form(database)
        sealer = secret_file.open_sealer(self.data)
        with database.writing() as session:
            for number, public_id in enumerate((ANNA, BEN)):
                phone = f"+861380013800{number}".encode()
                lookup = sealer.lookup("phone", phone)
                member = Member(public_id=public_id, language="zh", enrolled_at=self.now, version=1)
                session.add(member)
                session.flush()
                session.add(
                    Identity(
                        member_id=member.id,
                        kind=IdentityKind.PHONE,
                        lookup=lookup,
                        sealed_value=sealer.seal(identities.VALUE, phone),
                        verified_at=self.now,
                    )
                )
                session.add(
                    Consent(
                        account_lookup=lookup,
                        member_id=member.id,
                        purpose=Purpose.MARKETING,
                        wording_version="1",
                        language="zh",
                        given_at=self.now,
                    )
                )
        database.dispose()
        (self.data / "pictures").mkdir()
        (self.data / "pictures/summer.webp").write_bytes(b"picture")

    def change(self, work):
        database = self.open()
        with database.writing() as session:
            result = work(session)
        database.dispose()
        return result

    def members(self):
        return self.change(lambda session: sorted(session.scalars(sa.select(Member.public_id))))

    def erase(self, public_id):
        sealer = secret_file.open_sealer(self.data)
        options = {"store_id": "store-1", "now": self.now}
        self.change(lambda session: erasure.erase(session, sealer, public_id, **options))

    def make(self, hours=0):
        """As the jobs do, so many hours after the first; the file of data."""
        database, at = self.open(), self.now + dt.timedelta(hours=hours)
        made = making.make(load(), database, at)
        making.tell_undone(load(), database, at)
        database.dispose()
        return self.target / made[-1].name

    def lose(self):
        shutil.rmtree(self.data)
        if self.url:
            engine = sa.create_engine(self.url)
            with engine.begin() as connection:
                connection.execute(sa.text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
            engine.dispose()
        self.data.mkdir()

    def run(self, *words):
        return CliRunner().invoke(doorman, ["backup", *map(str, words)])

    def restore(self, *words):
        return self.run("restore", *words, "--key-file", self.key)


def give_form(database):
    """Every table, and the newest revision's name: thirty migrations take longer than a test."""
    metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        row = {"newest": migrate.newest()}
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:newest)"), row)

"""A chain in this process: its headquarters, and stores with their databases and folders."""

import base64

import pytest

from appliance.headquarters.turn import Turn
from core.database import Database
from core.models.every import metadata
from core.pushed.folder import Folder
from hq import publishing
from hq.models.every import metadata as of_hq
from hq.models.store_health import StoreHealth
from tests.appliance.headquarters.lines import LineInside
from tests.core.pushed.versions import store
from tests.hq.parts import PORTAL, Relay


class Store:
    """`name`'s database, folder, line and turn."""

    def __init__(self, name, folder, sealer, chain):
        self.name, self.folder, self.sealer, self.chain = name, folder, sealer, chain
        folder.mkdir()
        self.database = Database(f"sqlite:///{folder / 'doorman.sqlite'}")
        metadata.create_all(self.database.engine)
        self.line = LineInside(chain, name, chain.add_store(name, PORTAL))
        self.turn = Turn()

    @property
    def settings(self):
        named = {"id": self.name}
        return store(self.folder, public_key=self.chain.public_key, store=named)

    @property
    def kept(self):
        return Folder(self.folder)

    def speak(self, line="own", **ahead):
        """One turn; how the store is, as headquarters has heard."""
        self.chain.clock.pass_by(**ahead)
        line = self.line if line == "own" else line
        self.turn(self.settings, self.database, self.sealer, line, self.chain.clock.now)
        with self.chain.database.reading() as session:
            return session.get(StoreHealth, self.name)


@pytest.fixture
def chain(tmp_path, sealer, now):
    database = Database(f"sqlite:///{tmp_path / 'hq.sqlite'}")
    of_hq.create_all(database.engine)
    chain = Relay(database, sealer, now)
    with database.writing() as session:
        key = publishing.public_key(session, sealer, now)
    chain.public_key = base64.b64encode(key).decode()
    yield chain
    database.dispose()


@pytest.fixture
def new_store(tmp_path, sealer, chain):
    made = []

    def make(name):
        made.append(Store(name, tmp_path / name, sealer, chain))
        return made[-1]

    yield make
    for each in made:
        each.database.dispose()


@pytest.fixture
def shop(new_store):
    return new_store("store-7")

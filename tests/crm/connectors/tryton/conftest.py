import dataclasses

import pytest

from core import clock
from core.setting_groups.connectors import TrytonSettings
from core.setting_groups.crm import CrmKind, CrmSettings
from core.settings import Settings
from crm.connectors.tryton import connector
from crm.records import Records
from crm.setup import Setup
from tests.crm.connectors.contract import Rig
from tests.crm.connectors.tryton import tryton_server
from tests.crm.connectors.tryton.tryton_server import Front, TrytonServer

_MEMBERS = """
    SELECT p.id, p.code, m.value_compact AS phone,
        EXISTS (SELECT 1 FROM "party_party-party_category" c WHERE c.party = p.id) AS marketing
    FROM party_party p
    LEFT JOIN party_contact_mechanism m ON m.party = p.id AND m.type = 'mobile'
    WHERE p.active
"""
_NOTES = """
    SELECT count(*) AS count FROM ir_note JOIN party_party p ON resource = 'party.party,' || p.id
    WHERE p.code = ?
"""


@pytest.fixture(scope="session")
def tryton_process(tmp_path_factory):
    if reason := tryton_server.missing():
        pytest.skip(reason)
    with TrytonServer(tmp_path_factory.mktemp("tryton")) as server:
        yield server


@pytest.fixture
def tryton(tryton_process):
    tryton_process.empty()
    return tryton_process


@dataclasses.dataclass
class TrytonRig(Rig):
    tryton: TrytonServer
    database: object
    sealer: object
    folder: object
    opened: list = dataclasses.field(default_factory=list)

    def connect(self, *, forgetful=False, **changes):
        records = Records(
            self.database, self.sealer, f"tryton{len(self.opened) * forgetful}", clock.now
        )
        given = {"url": self.server.url, "database": "crm", "key": tryton_server.KEY, **changes}
        crm = CrmSettings(kind=CrmKind.TRYTON, timeout_s=30, tryton=TrytonSettings(**given))
        settings = Settings(data_dir=self.folder, crm=crm)
        self.opened.append(connector.connect(Setup(settings, records, clock.now)))
        return self.opened[-1]

    def members(self):
        rows = self.tryton.rows(_MEMBERS)
        assert len({row["code"] for row in rows}) == len(rows)
        return {
            row["code"]: {"phone": row["phone"], "marketing": bool(row["marketing"])}
            for row in rows
        }

    def text(self):
        return self.tryton.text()

    def said(self, member):
        return self.tryton.rows(_NOTES, member)[0]["count"]


@pytest.fixture
def rig(tryton, memory, sealer, tmp_path):
    with Front(tryton) as front:
        rig = TrytonRig(
            front, {"phone": "+861234567"}, "crm.tryton", tryton, memory, sealer, tmp_path
        )
        yield rig
        for crm in rig.opened:
            crm.close()

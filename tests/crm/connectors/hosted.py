"""A connector to a hosted CRM, and the fake of it."""

import contextlib
from typing import ClassVar

import sqlalchemy as sa

from core import clock
from core.models.crm_record import CrmRecord
from core.settings import Settings
from crm.records import Records
from crm.setup import Setup
from tests.crm.connectors import contract


class Rig(contract.Rig):
    module = None
    """Of the connector."""
    kind = ""
    unacceptable: ClassVar = {"email": "not an address"}

    def __init__(self, server, memory, sealer, folder):
        self.server, self._memory, self._sealer, self._folder = server, memory, sealer, folder
        self._connected = contextlib.ExitStack()

    @property
    def setting(self):
        return f"crm.{self.kind}"

    def connect(self, *, forgetful=False, **changes):
        records = Records(self._memory, self._sealer, self.kind, clock.now)
        if forgetful:
            with self._memory.writing() as session:
                session.execute(sa.delete(CrmRecord))
        group = {**self.group(), **changes}
        settings = Settings(data_dir=self._folder, crm={"kind": self.kind, self.kind: group})
        crm = self.module.connect(Setup(settings, records, clock.now))
        self._connected.callback(crm.close)
        return crm

    def close(self):
        self._connected.close()

    def group(self):
        """The settings of `crm.<kind>`."""
        raise NotImplementedError

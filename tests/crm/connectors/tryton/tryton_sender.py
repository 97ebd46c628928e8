"""The sync job with Tryton as a process of its own, so that a test can kill it.

python -m tests.crm.connectors.tryton.tryton_sender DATABASE_URL DATA_DIR TRYTON_URL
"""

import sys
import time
from pathlib import Path

from core import clock
from core.database import Database
from core.sealing import Sealer
from core.setting_groups.connectors import TrytonSettings
from core.setting_groups.crm import CrmKind, CrmSettings
from core.settings import Settings
from crm import delivery
from crm.backoff import Backoff
from crm.connectors.tryton import connector
from crm.records import Records
from crm.setup import Setup
from tests.crm.connectors.tryton import tryton_server

FIELD_KEY = bytes([1]) * 32


def main(database_url, data_dir, tryton_url):
    database, sealer = Database(database_url), Sealer(FIELD_KEY)
    tryton = TrytonSettings(url=tryton_url, database=tryton_server.DATABASE, key=tryton_server.KEY)
    settings = Settings(
        data_dir=Path(data_dir),
        crm=CrmSettings(kind=CrmKind.TRYTON, batch_size=20, timeout_s=30, tryton=tryton),
    )
    records = Records(database, sealer, CrmKind.TRYTON, clock.now)
    crm = connector.connect(Setup(settings, records, clock.now))
    backoff = Backoff(first_s=0.02, longest_s=0.2)
    while True:
        delivery.deliver(database, sealer, crm, settings, clock.now, backoff=backoff)
        time.sleep(0.03)


if __name__ == "__main__":
    main(*sys.argv[1:])

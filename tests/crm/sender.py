"""The sender as a process of its own, so that a test can kill it.

python -m tests.crm.sender DATABASE_URL DATA_DIR CRM_URL

Its clock is wrong by as many seconds as the file `clock` in DATA_DIR says.
"""

import datetime as dt
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from core import clock
from core.database import Database
from core.sealing import Sealer
from core.setting_groups.crm import CrmSettings
from core.settings import Settings
from crm import delivery
from crm.backoff import Backoff
from crm.webhook import WebhookCrm

FIELD_KEY = bytes([1]) * 32
CRM_KEY = bytes([2]) * 32


def main(database_url, data_dir, crm_url):
    def now():
        return clock.now() + dt.timedelta(seconds=float(wrong.read_text("utf-8") or 0))

    wrong = Path(data_dir, "clock")
    database, sealer = Database(database_url), Sealer(FIELD_KEY)
    settings = Settings(data_dir=Path(data_dir), crm=CrmSettings(batch_size=20))
    crm = WebhookCrm(crm_url, CRM_KEY, 5, now)
    crm.at_once = 2
    backoff = Backoff(first_s=0.02, longest_s=0.2)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        try:
            delivery.deliver(database, sealer, crm, settings, now, backoff=backoff)
        except (sa.exc.OperationalError, OSError):
            # The disk is full: as in the job table, it is tried again.
            time.sleep(0.05)
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])

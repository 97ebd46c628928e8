"""The sender as a process of its own, so that a test can kill it.

python -m tests.crm.sender DATABASE_URL DATA_DIR CRM_URL
"""

import sys
import time
from pathlib import Path

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
    database, sealer = Database(database_url), Sealer(FIELD_KEY)
    settings = Settings(data_dir=Path(data_dir), crm=CrmSettings(batch_size=7))
    crm = WebhookCrm(crm_url, CRM_KEY, 5, clock.now)
    backoff = Backoff(first_s=0.02, longest_s=0.2)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        delivery.deliver(database, sealer, crm, settings, clock.now(), backoff=backoff)
        time.sleep(0.01)


if __name__ == "__main__":
    main(*sys.argv[1:])

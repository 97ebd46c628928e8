"""Closes days in a process of its own that dies, without warning, at a moment named.

power_cut.py MOMENT DATABASE_URL DATA_DIR NOW
"""

import datetime as dt
import os
import sys
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path.cwd()))

from analytics import rollup
from core.database import Database
from core.sealing import Sealer
from core.settings import Settings

moment, url, data_dir, now = sys.argv[1:]
database = Database(url)


def die(*_):
    os._exit(9)


def die_at_unlink(event, arguments):
    if event == "os.remove" and str(arguments[0]).endswith(
        ".sqlite-wal" if moment == "before-unlink" else ".sqlite"
    ):
        die()


if moment == "before-commit":
    sa.event.listen(database.engine, "commit", die)
else:
    sys.addaudithook(die_at_unlink)

settings = Settings(data_dir=Path(data_dir))
rollup.close_days(database, Sealer(bytes(32)), settings, dt.datetime.fromisoformat(now))

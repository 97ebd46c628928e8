"""Commits on and on, as the programs do, and prints the number of each commit once it is made.

python -m tests.core.power_loss_writer FOLDER
"""

import datetime as dt
import itertools
import sys
from pathlib import Path

from core import do_not_count, migrate, outbox, secret_file
from core.database import Database
from core.do_not_count import DoNotCountKey, DoNotCountList
from core.outbox import EventType
from core.sightings import DayFile, Sighting

DAY = dt.date(2026, 5, 16)
NOON = dt.datetime(2026, 5, 16, 4, tzinfo=dt.UTC)


def main(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'doorman.sqlite'}")
    migrate.upgrade(database)
    secret_file.load_or_create(folder)
    sealer = secret_file.open_sealer(folder)
    file = DayFile(folder / "sightings", DAY)
    key = DoNotCountKey(bytes(32))
    for number in itertools.count():
        # What it was told to leave out changes all the time.
        entries = [key.entry(number.to_bytes(6))] * (number % 2)
        do_not_count.write(folder, DoNotCountList(key, entries))
        seen = [Sighting(number, each, 1, True, -60, 2412, "mon0") for each in range(300)]
        file.append(seen, {"frames": 300})
        with database.writing() as session:
            outbox.add(
                session,
                sealer,
                EventType.SENSOR_HEALTH,
                subject=str(number),
                data={"filler": "x" * 500},
                now=NOON,
            )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

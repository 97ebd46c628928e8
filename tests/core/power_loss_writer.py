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
from core.pushed.folder import Folder
from core.sightings import DayFile, Sighting

DAY = dt.date(2026, 5, 16)
NOON = dt.datetime(2026, 5, 16, 4, tzinfo=dt.UTC)
HEARD = 300
"""Sightings of a turn."""


def listed(number: int) -> DoNotCountList:
    """Whom it is told to leave out in this turn: it changes all the time."""
    key = DoNotCountKey(bytes(32))
    return DoNotCountList(key, [key.entry(number.to_bytes(6))])


def main(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'doorman.sqlite'}")
    migrate.upgrade(database)
    database.lengthen_log()
    first = secret_file.load_or_create(folder)
    sealer = secret_file.open_sealer(folder)
    file = DayFile(folder / "sightings", DAY)
    pushed = Folder(folder)
    for number in itertools.count():
        made_at = NOON.replace(second=number % 60)
        secret_file.replace(folder, first.with_new_field_key(made_at))
        do_not_count.write(folder, listed(number))
        pushed.keep(number + 1, b"{}", b"")
        pushed.go_by(number + 1, NOON)
        seen = [Sighting(number, each, 1, True, -60, 2412, "mon0") for each in range(HEARD)]
        file.append(seen, {"frames": HEARD})
        # The first alone might be lost; the second takes it along.
        for durable, name in ((False, f"before {number}"), (True, str(number))):
            with database.writing(durable=durable) as session:
                outbox.add(
                    session,
                    sealer,
                    EventType.SENSOR_HEALTH,
                    subject=name,
                    data={"filler": "x" * 500},
                    now=NOON,
                )
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

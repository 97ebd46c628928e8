"""`backups.json` in `data_dir`: what was made when, by its hash, and what failed last."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any, Self

from core import whole_file

NAME = "backups.json"
# Of all that are of use, and a few more.
_MOST = 120


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    name: str
    at: dt.datetime
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Ledger:
    made: tuple[Made, ...] = ()
    """The oldest first."""
    failed_at: dt.datetime | None = None
    """Since the last that was made."""
    undone: str = ""
    """Digest of the list that is at the target (`backup.undone`)."""

    @classmethod
    def read(cls, data_dir: Path) -> Self:
        """One that cannot be read is an empty one: backups are made all the same."""
        try:
            found = json.loads((data_dir / NAME).read_text())
            made = tuple(
                Made(row["name"], _moment(row["at"]), int(row["size"]), row["sha256"])
                for row in found["made"]
            )
            failed = found["failed_at"]
            return cls(made, _moment(failed) if failed else None, str(found["undone"]))
        except (OSError, ValueError, KeyError, TypeError):
            return cls()

    @property
    def last_at(self) -> dt.datetime | None:
        return self.made[-1].at if self.made else None

    def with_made(self, *made: Made) -> Self:
        kept = (*self.made, *made)[-_MOST:]
        return dataclasses.replace(self, made=kept, failed_at=None)

    def write(self, data_dir: Path) -> None:
        document: dict[str, Any] = {
            "made": [
                {"name": row.name, "at": row.at.isoformat(), "size": row.size, "sha256": row.sha256}
                for row in self.made
            ],
            "failed_at": self.failed_at.isoformat() if self.failed_at else None,
            "undone": self.undone,
        }
        path = data_dir / NAME
        # Root may have made one by hand: the jobs go on with it.
        content = (json.dumps(document, indent=1) + "\n").encode()
        whole_file.replace(path, content, mode=0o600, owner_of=data_dir)


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment

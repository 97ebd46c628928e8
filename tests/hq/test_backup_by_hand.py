"""What docs/headquarters.md has IT type, typed: a backup of headquarters, and its restore."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from backup.keys import PrivateKey
from core.database import Database
from hq.models.every import metadata
from hq.models.store import Store

PAGE = Path(__file__).parents[2] / "docs/headquarters.md"
KEY = PrivateKey(bytes(range(32)))


@pytest.fixture
def typed(new_postgresql, tmp_path):
    """Types the lines of the page that begin so; all that is there is in variables."""
    if not shutil.which("age"):
        pytest.skip("age is not installed (apt-get install age)")
    url = new_postgresql()
    (tmp_path / "key.txt").write_text(KEY.text())
    told = {"DATABASE": url, "KEY": KEY.public().text(), "DATA": str(tmp_path), "TO": str(tmp_path)}
    lines = re.findall(r"^    ((?:pg_dump|age) .+)$", PAGE.read_text("utf-8"), re.MULTILINE)

    def run(number):
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", lines[number]],
            cwd=tmp_path,
            env={**os.environ, **told},
            check=True,
        )

    database = Database(url)
    yield database, run, tmp_path
    database.dispose()


def test_headquarters_comes_back_from_what_the_page_says(typed, now):
    database, run, folder = typed
    metadata.create_all(database.engine)
    with database.writing() as session:
        session.add(Store(id="store-7", portal_urls=[], added_at=now))
    (folder / "secrets.toml").write_text("secret")
    run(0)
    run(1)

    with database.writing() as session:
        session.execute(sa.delete(Store))
    (folder / "secrets.toml").unlink()
    database.dispose()
    run(2)
    run(3)

    with database.reading() as session:
        assert session.scalars(sa.select(Store.id)).all() == ["store-7"]
    assert (folder / "secrets.toml").read_text() == "secret"
    assert b"store-7" not in (folder / "hq-database.age").read_bytes()

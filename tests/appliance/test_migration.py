import contextlib
import resource
import sqlite3

import pytest
from click.testing import CliRunner

from appliance.cli import doorman
from core import migrate


@pytest.fixture
def run(tmp_path, monkeypatch):
    file = tmp_path / "doorman.toml"
    file.write_text(f'data_dir = "{tmp_path}"\n')
    monkeypatch.setenv("DOORMAN_CONFIG", str(file))
    return lambda *words: CliRunner().invoke(doorman, ["migrate", *words])


def test_says_what_it_did(run):
    newest = migrate.newest()

    assert run().output == f"empty -> {newest}\n"
    assert run().output == f"already at {newest}\n"


def test_goes_back_for_an_older_version(run):
    run()

    assert run("--to", "0028").exit_code == 0
    assert run("--to", "0027").output == "0028 -> 0027\n"
    assert run("--to", "nonsense").exit_code == 1


def test_names_the_newest_form_without_a_database(run, tmp_path):
    assert run("--newest").output == f"{migrate.newest()}\n"
    assert not (tmp_path / "doorman.sqlite").exists()


def test_copies_what_it_is_about_to_change_and_nothing_else(run, tmp_path):
    copy = tmp_path / "before-migration.sqlite"

    run("--copy")
    assert not copy.exists(), "there was nothing to copy"
    run("--copy")
    assert not copy.exists(), "nothing was changed"
    run("--copy", "--to", "0027")

    with contextlib.closing(sqlite3.connect(copy)) as connection:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert revision == (migrate.newest(),)
    run("--forget-copy")
    assert not copy.exists()


def test_a_disk_without_room_for_a_copy_keeps_none_and_changes_nothing(run, tmp_path):
    run()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, limit[1]))
    try:
        done = run("--copy", "--to", "0027")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert done.exit_code == 1
    assert "before-migration.sqlite cannot be written" in done.output
    assert list(tmp_path.glob("before-migration*")) == []
    assert run().output == f"already at {migrate.newest()}\n"

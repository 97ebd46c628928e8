"""What every test may ask for: settings in a folder of its own, databases, secrets."""

import datetime as dt
import gc
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import flask
import hypothesis
import psycopg
import pytest
import sqlalchemy as sa

from core.database import Database
from core.models.every import metadata
from core.sealing import Sealer
from core.secret_file import FieldKey, Secrets
from core.settings import Settings
from tests import tables
from tests.kept_templates import KeptTemplates

# A busy machine is no fault of the code under test. More examples than these are for who looks
# for something: DOORMAN_TEST_EXAMPLES=1000.
_EXAMPLES = int(os.environ.get("DOORMAN_TEST_EXAMPLES", "50"))
hypothesis.settings.register_profile("unhurried", deadline=None, max_examples=_EXAMPLES)
hypothesis.settings.load_profile("unhurried")

_MEMORY = "/dev/shm"  # noqa: S108 - what is made there has a name of its own

# A Saturday, 14:30 in Shanghai.
NOON = dt.datetime(2026, 5, 16, 6, 30, tzinfo=dt.UTC)

# Most tests of a page build its application anew; its templates are compiled once.
flask.Flask.jinja_options["bytecode_cache"] = KeptTemplates()


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is collected stays to the end: looking for garbage in it only takes time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_sessionfinish(session):
    """In CI nothing may be skipped: a skipped test would look like a passed one."""
    # The workers of pytest-xdist have none: whoever started them counts what they skipped.
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("DOORMAN_TEST_NO_SKIPS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in [name for name in os.environ if name.startswith("DOORMAN_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def now():
    return NOON


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def secrets():
    return Secrets((FieldKey(1, NOON, bytes([1]) * 32),), *(bytes([n]) * 32 for n in range(5, 9)))


@pytest.fixture
def sealer(secrets):
    return Sealer(secrets.keys())


@pytest.fixture
def in_memory():
    """A folder in memory where there is such a place, so that no test waits for a disk.

    What a power cut takes is tested on disks: tests.disk.
    """
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@pytest.fixture
def database(in_memory):
    """An empty SQLite database with every table."""
    database = tables.sqlite(in_memory / "doorman.sqlite", metadata)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request):
    """The same test on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    database = request.getfixturevalue("_on_postgresql")
    yield database
    tables.forget(database, metadata)


@pytest.fixture(scope="session")
def _on_postgresql(new_postgresql):
    database = Database(new_postgresql())
    metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def new_postgresql(postgresql_url):
    """Makes an empty PostgreSQL database, and gives its address."""

    def make():
        name = f"doorman_{uuid.uuid4().hex}"
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = sa.make_url(postgresql_url).set(database=name)
        return url.render_as_string(hide_password=False)

    return make


@pytest.fixture(scope="session")
def postgresql_url():
    """A throw-away PostgreSQL of our own, on a Unix socket alone."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # Not in pytest's own folder: each pytest that begins shuts that to everybody but its user.
    folder = Path(tempfile.mkdtemp(prefix="doorman-postgresql-", dir="/tmp"))
    run_as = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        run_as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    subprocess.run(
        [*run_as, programs[-1] / "initdb", "-D", data, "-U", "doorman", "-A", "trust", "-N"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*run_as, programs[-1] / "postgres", "-D", data, "-k", folder, "-h", "", "-F"],
            stdout=log,
            stderr=log,
            cwd="/",
        )
    try:
        ready = [programs[-1] / "pg_isready", "-q", "-h", folder]
        for _ in range(100):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield f"postgresql://doorman@/postgres?host={folder}"
        assert server.poll() is None, (folder / "log").read_text(errors="replace")[-4000:]
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)

"""A real Tryton: its own environment and process, a SQLite database, a port on this machine.

The database takes seconds to make, so it is made once a checkout, beside the environment, and
each server gets a copy.
"""

import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import httpx

from tests import free_ports
from tests.fakes.crm.server import FakeCrm, RefusedError, Reply

ROOT = Path(__file__).parents[4]
ENVIRONMENT = ROOT / ".venv" / "tryton"
DATABASE, KEY = "crm", "0123456789abcdef" * 8

_EMPTIED = (
    "party_party",
    "party_party_lang",
    "party_contact_mechanism",
    "party_identifier",
    "party_address",
    "party_party-party_category",
    "party_category",
    "ir_note",
    "ir_attachment",
)
_START_S = 60


def missing():
    """Why there is no Tryton here; empty if there is."""
    if (ENVIRONMENT / "bin" / "trytond").exists():
        return ""
    return "Tryton is not installed (make setup)"


class TrytonServer:
    def __init__(self, folder):
        self._folder = folder
        self.file = folder / f"{DATABASE}.sqlite"
        [port] = free_ports.find(1)
        self.url = f"http://127.0.0.1:{port}"
        self._config = _config(folder, port)

    def __enter__(self):
        shutil.copy(_template(), self.file)
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        log = (self._folder / "trytond.log").open("ab")
        self._process = subprocess.Popen(
            [ENVIRONMENT / "bin" / "trytond", "-c", self._config, "-d", DATABASE],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                httpx.get(self.url, trust_env=False, timeout=_START_S)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise TimeoutError("trytond does not answer")

    def kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def empty(self):
        """As if nobody had ever been told to it."""
        with self._opened() as connection:
            for table in _EMPTIED:
                connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own

    def rows(self, query, *values):
        with self._opened() as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def text(self):
        """All it holds of parties."""
        tables = [self.rows(f'SELECT * FROM "{table}"') for table in _EMPTIED]  # noqa: S608 - as above
        return str(tables)

    def _opened(self):
        return _Connection(self.file)


class _Connection:
    """One transaction, after which the file is closed."""

    def __init__(self, file):
        self._connection = sqlite3.connect(file, timeout=30)

    def __enter__(self):
        return self._connection

    def __exit__(self, *raised):
        self._connection.__exit__(*raised)
        self._connection.close()


class Front(FakeCrm):
    """Stands before Tryton: passes requests on, unless a fault has been ordered."""

    def __init__(self, tryton):
        super().__init__()
        self._client = httpx.Client(base_url=tryton.url, trust_env=False, timeout=60)

    def __exit__(self, *raised):
        super().__exit__(*raised)
        self._client.close()

    def answer(self, request):
        kept = ("authorization", "content-type", "x-tryton-context")
        headers = {name: value for name, value in request.headers.items() if name in kept}
        try:
            reply = self._client.request(
                request.method, request.path, content=request.body, headers=headers
            )
        except httpx.TransportError:
            raise RefusedError(Reply(502)) from None
        return Reply(reply.status_code, reply.content)


def _config(folder, port):
    config = folder / "trytond.conf"
    config.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
        # Tests do not wait for what guards against guessed passwords.
        "[session]\nmax_attempt = 1000\n"
    )
    return config


def _template():
    """An empty database with the module `party` and our key."""
    file = ENVIRONMENT / "template.sqlite"
    with (ENVIRONMENT / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            folder = ENVIRONMENT / "template"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            _make(folder).rename(file)
    return file


def _make(folder):
    (folder / "password").write_text("made-up-password")
    file = folder / f"{DATABASE}.sqlite"
    file.touch()
    command = [ENVIRONMENT / "bin" / "trytond-admin", "-c", _config(folder, 0), "-d", DATABASE]
    subprocess.run(
        [*command, "--all", "-u", "party", "--activate-dependencies", "--email", "it@example.com"],
        env={**os.environ, "TRYTONPASSFILE": str(folder / "password")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=120,
    )
    # As an administrator does who validates a user application.
    with _Connection(file) as connection:
        [user] = connection.execute("SELECT id FROM res_user WHERE login = 'admin'").fetchone()
        connection.execute(
            'INSERT INTO res_user_application ("user", application, key, state)'
            " VALUES (?, 'rest', ?, 'validated')",
            (user, KEY),
        )
    return file

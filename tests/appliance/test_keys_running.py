"""A rotation as a real process: killed in the middle, and beside a portal that serves."""

import concurrent.futures
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from appliance.web_server import arguments
from core import clock, migrate, resealing, secret_file
from core.database import Database
from core.models import device as devices
from core.models.device import Device
from core.models.every import metadata
from core.models.login import Login
from core.setting_groups.portal import PortalSettings

DEVICES = 6000
KILLS = 2
SIGNING_KEY = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'doorman.sqlite'}"
        return
    server = request.getfixturevalue("postgresql_url")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE rotated")
        yield sa.make_url(server).set(database="rotated").render_as_string(hide_password=False)
        connection.execute("DROP DATABASE rotated WITH (FORCE)")


def fill(url, folder):
    database, sealer = Database(url), secret_file.open_sealer(folder)
    migrate.upgrade(database)
    rows = [
        {
            "lookup": sealer.lookup("mac", octets),
            "sealed_mac": sealer.seal(devices.MAC, octets),
            "randomised": True,
            "first_seen_at": clock.now(),
            "last_seen_at": clock.now(),
        }
        for octets in (number.to_bytes(6) for number in range(DEVICES))
    ]
    with database.writing() as session:
        session.execute(sa.insert(Device), rows)
    return database


def start(folder, url):
    environment = os.environ | {"DOORMAN_DATA_DIR": str(folder), "DOORMAN_DATABASE__URL": url}
    return subprocess.Popen(
        [sys.executable, "-m", "appliance", "keys", "rotate"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_after_some(rotation, database, done):
    """Kills once more than `done` fields are sealed anew; how many are by then."""
    found = wait_for_more(rotation, database, done)
    rotation.send_signal(signal.SIGKILL)
    rotation.communicate()
    assert found < DEVICES
    return resealing.census(database, metadata)[2]


def wait_for_more(rotation, database, done):
    end = time.monotonic() + 60
    while (found := resealing.census(database, metadata)[2]) <= done:
        assert rotation.poll() is None, rotation.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.005)
    return found


@pytest.mark.slow
def test_a_rotation_killed_again_and_again_is_finished_by_the_next(tmp_path, url):
    database, done = fill(url, tmp_path), 0
    for _ in range(KILLS):
        done = kill_after_some(start(tmp_path, url), database, done)
        # Every field opens at every moment: with one key or with the other.
        assert opened(database, tmp_path) == set(range(DEVICES))
    said, _ = start(tmp_path, url).communicate(timeout=60)

    assert said.startswith("finishing the rotation to key 2\n")
    assert resealing.census(database, metadata) == {2: DEVICES}
    only = secret_file.load(tmp_path)
    secret_file.replace(tmp_path, only.with_field_keys({2}))
    assert opened(database, tmp_path) == set(range(DEVICES))
    database.dispose()


def opened(database, folder):
    sealer = secret_file.open_sealer(folder)
    with database.reading() as session:
        rows = session.scalars(sa.select(Device.sealed_mac)).all()
    return {int.from_bytes(sealer.open(devices.MAC, row)) for row in rows}


@pytest.fixture
def portal(tmp_path):
    """A real one, of two processes, over a database with many fields."""
    url = f"sqlite:///{tmp_path / 'doorman.sqlite'}"
    database = fill(url, tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (tmp_path / "errors").open("w+") as errors:
        server = subprocess.Popen(
            arguments("portal.wsgi:create()", PortalSettings(port=port)),
            env={
                "DOORMAN_DATA_DIR": str(tmp_path),
                "DOORMAN_PORTAL__URL": address,
                "DOORMAN_PORTAL__NEIGHBOURS": "loopback",
                "DOORMAN_GATE__KIND": "recording",
                # Nobody is there: every code fails to be sent, after it was written down.
                "DOORMAN_SMS__CARRIERS": '["webhook"]',
                "DOORMAN_SMS__WEBHOOK__URL": "http://127.0.0.1:9",
                "DOORMAN_SMS__WEBHOOK__SIGNING_KEY": SIGNING_KEY,
            },
            stderr=errors,
        )
        try:
            wait_for(address)
            yield address, url, database
        finally:
            server.terminate()
            server.wait(10)
            database.dispose()


def wait_for(address):
    for _ in range(200):
        try:
            httpx.get(f"{address}/robots.txt")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("gunicorn did not start")


class Shopper:
    """A phone with an address of its own, whose code was written down but not sent."""

    def __init__(self, address, number):
        self._end = f"{number:04}"
        transport = httpx.HTTPTransport(local_address=f"127.0.2.{number}")
        self._http = httpx.Client(transport=transport, base_url=address, timeout=20)

    def ask_code(self):
        form = {"phone": f"1380013{self._end}", "terms": "yes"}
        return self._http.post("/login", data=form).status_code

    def sees_own_number(self):
        """The page opens the sealed number to show its end."""
        page = self._http.get("/code")
        return page.status_code == 200 and self._end in page.text


@pytest.mark.slow
def test_a_portal_that_runs_through_a_rotation_opens_and_seals_everything(portal, tmp_path):
    address, url, database = portal
    before = [Shopper(address, number) for number in range(1, 9)]
    meanwhile = [Shopper(address, number) for number in range(11, 51)]
    assert [shopper.ask_code() for shopper in before] == [503] * 8
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        rotation = start(tmp_path, url)
        wait_for_more(rotation, database, 0)
        statuses = list(pool.map(Shopper.ask_code, meanwhile))
        said, _ = rotation.communicate(timeout=60)

    assert rotation.returncode == 0, said
    assert set(statuses) == {503}
    assert all(shopper.sees_own_number() for shopper in before + meanwhile)
    after = [Shopper(address, number) for number in range(61, 69)]
    assert [shopper.ask_code() for shopper in after] == [503] * 8
    assert resealing.census(database, metadata).keys() == {2}
    with database.reading() as session:
        assert session.query(Login).count() == 56

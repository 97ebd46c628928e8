"""Whether a program goes by new pushed settings without being started again."""

import concurrent.futures
import threading

import pytest
from flask import Flask
from werkzeug.test import Client

from appliance import serving
from appliance.serving import Renewed
from core.pushed.folder import Folder
from tests.core.pushed.versions import signed


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


class Factory:
    """Applications that say which one they are."""

    def __init__(self):
        self.made = 0
        self.disposed = []
        self.error = None
        self.inside = threading.Event()
        self.go_on = threading.Event()

    def build(self):
        if self.error:
            raise self.error
        self.made += 1
        app, number = Flask(f"made-{self.made}"), self.made
        app.add_url_rule("/", view_func=lambda: str(number))
        app.add_url_rule("/slow", "slow", lambda: self._slow(number))
        return app

    def _slow(self, number):
        self.inside.set()
        assert self.go_on.wait(20)
        return str(number)


@pytest.fixture
def factory():
    return Factory()


@pytest.fixture
def client(factory, folder):
    return Client(Renewed(factory.build, factory.disposed.append, folder))


def test_the_next_request_goes_by_the_new_version(client, factory, folder, now):
    assert [client.get("/").text for _ in range(2)] == ["1", "1"]
    folder.go_by(None, now)

    assert [client.get("/").text for _ in range(2)] == ["2", "2"]
    assert [app.name for app in factory.disposed] == ["made-1"]


def test_whoever_is_being_served_is_not_lost(client, factory, folder, now):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = pool.submit(client.get, "/slow")
        assert factory.inside.wait(20)
        folder.go_by(None, now)
        assert client.get("/").text == "2"
        factory.go_on.set()
        assert slow.result(20).text == "1"


def test_a_version_with_which_nothing_can_be_built_leaves_what_there_is(
    client, factory, folder, now
):
    factory.error = OSError("disk")
    folder.go_by(None, now)

    assert client.get("/").text == "1"
    assert factory.disposed == []


def test_the_portal_shows_what_was_pushed_and_what_was_before(tmp_path, monkeypatch, now):
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DOORMAN_PORTAL__NEIGHBOURS", "loopback")
    monkeypatch.setenv("DOORMAN_GATE__KIND", "recording")
    folder = Folder(tmp_path)
    folder.keep(1, *signed(1, settings={"store": {"contact": "dpo@chain.example"}}))
    portal = Client(serving.portal())

    def page():
        address = {
            "base_url": "http://127.0.0.1:8080",
            "environ_base": {"REMOTE_ADDR": "127.0.0.1"},
        }
        return portal.get("/privacy?lang=en", **address).text

    assert "dpo@chain.example" not in page()
    folder.go_by(1, now)
    assert "dpo@chain.example" in page()
    folder.go_by(None, now, is_pinned=True)
    assert "dpo@chain.example" not in page()

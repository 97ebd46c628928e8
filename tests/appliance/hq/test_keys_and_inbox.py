"""The commands for keys and for what is parked."""

import json

import pytest
from click.testing import CliRunner

from appliance.hq.command import hq
from appliance.hq.database import opened
from core import clock, settings
from hq.intake import inbox
from hq.intake.batch import read
from hq.intake.folding import Folding
from tests.hq.intake.news import click


@pytest.fixture(autouse=True)
def _of_our_own(tmp_path, monkeypatch):
    (tmp_path / "empty.toml").touch()
    monkeypatch.setenv("DOORMAN_CONFIG", str(tmp_path / "empty.toml"))
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "data"))


def run(*arguments):
    return CliRunner().invoke(hq, arguments)


def test_keys_are_rotated_listed_and_revoked():
    run("add-store", "store-7", "http://wifi.store.test", "--region", "East", "--at", "31", "121")
    assert run("rotate-key", "store-7", "--old-good-hours", "2").output.startswith("whsec_")
    assert run("keys", "store-7").output.count("good") == 2
    assert run("revoke-key", "store-7", "1").output == "keys revoked: 1\n"

    listed = run("keys", "store-7").output
    assert ("revoked" in listed, "never" in listed, "whsec_" in listed) == (True, True, False)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        pytest.param(["rotate-key", "store-9"], "doorman hq stores", id="no such store"),
        pytest.param(["keys", "store-9"], "rotate-key", id="no keys"),
        pytest.param(["revoke-key", "store-9"], "--all", id="neither number nor all"),
        pytest.param(["revoke-key", "store-9", "5"], "no such key", id="no such key"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_word_how_to_mend(arguments, word):
    refused = run(*arguments)

    assert refused.exit_code != 0
    assert word in refused.output


def test_what_cannot_be_folded_is_shown_and_folded_again():
    run("add-store", "store-7", "http://wifi.store.test")
    assert run("inbox").output == "nothing is parked\n"
    event, found = click(1), settings.load()
    body = json.dumps([event]).encode()
    with opened(found) as (database, sealer):
        with database.writing() as session:
            inbox.take(
                session, sealer, "store-7", body, read(body, "store-7").rows, now=clock.now()
            )
        Folding(found, database, sealer, clock.now).run()

    shown = run("inbox").output
    assert (event["id"] in shown, "unknown_member" in shown) == (True, True)
    assert run("inbox", "--again", "0" * 26).output == "events to be folded again: 0\n"
    assert run("inbox", "--again", event["id"]).output == "events to be folded again: 1\n"
    assert run("inbox").output == "nothing is parked\n"

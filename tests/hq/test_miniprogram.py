"""The mini-program's own source, run by Playwright's node against a relay in this process."""

import json
import re
import subprocess
import threading
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable
from werkzeug.serving import make_server

import hq
from core.texts import LANGUAGES
from core.wechat_relay import Way
from hq.wechat.errors import of_number
from tests.hq.parts import Relay

FOLDER = Path(hq.__file__).parent / "miniprogram"
HARNESS = Path(__file__).with_name("miniprogram.js")


@pytest.fixture
def relay(hq_sqlite, sealer, now):
    return Relay(hq_sqlite, sealer, now)


@pytest.fixture
def run(relay):
    """Open the page with a login, tap as told; what the page showed after each."""
    server = make_server("127.0.0.1", 0, relay.browser.application, threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def open_page(login, *taps):
        address = f"http://127.0.0.1:{server.server_port}"
        node = compute_driver_executable()[0]
        done = subprocess.run(
            [node, HARNESS, FOLDER, address, login, *taps],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(done.stdout)

    yield open_page
    server.shutdown()
    thread.join()
    server.server_close()


def begin(relay, language="en"):
    return relay.begin(Way.MINI_PROGRAM, language=language).json


def test_shows_the_match_code_and_proves_with_one_tap(relay, run):
    begun = begin(relay)
    first, second = run(begun["login"], "phone-code")

    assert (first["stage"], first["matchCode"]) == ("ready", begun["match_code"])
    assert first["title"] == "The store’s Wi-Fi"
    assert (second["stage"], second["trouble"]) == ("proved", "")


def test_speaks_the_shoppers_language(relay, run):
    assert run(begin(relay, "zh-CN")["login"])[0]["title"] == "店内 Wi-Fi"


def test_who_declines_may_tap_again(relay, run):
    _, declined, proved = run(begin(relay)["login"], "-", "phone-code")

    assert (declined["stage"], declined["trouble"]) == ("ready", "declined")
    assert proved["stage"] == "proved"


@pytest.mark.parametrize(
    ("number", "stage", "trouble"),
    [(-1, "ready", "busy"), (40164, "ready", "failed"), (40029, "over", "")],
)
def test_says_what_to_do_when_wechat_gives_nothing(relay, run, number, stage, trouble):
    login = begin(relay)["login"]
    relay.wechat.error = of_number(number)

    assert [(seen["stage"], seen["trouble"]) for seen in run(login, "x")][1] == (stage, trouble)


def test_a_login_that_is_gone_is_over_at_once(run):
    assert run("0" * 32)[0]["stage"] == "over"


def test_every_word_the_page_shows_is_there_in_every_language():
    source = (FOLDER / "pages/connect/words.js").read_text("utf-8")
    words = {
        language.strip("'"): re.findall(r"^    (\w+): '.+',$", said, re.MULTILINE)
        for language, said in re.findall(
            r"^  (\S+): {\n(.*?)^  },", source, re.MULTILINE | re.DOTALL
        )
    }
    shown = (FOLDER / "pages/connect/connect.wxml").read_text("utf-8")

    assert words.keys() == LANGUAGES.keys()
    assert all(each == words["zh"] for each in words.values())
    assert set(re.findall(r"words\.(\w+)", shown)) <= set(words["zh"])
    assert {"declined", "busy", "failed"} <= set(words["zh"])


def test_every_page_it_names_is_there():
    for page in json.loads((FOLDER / "app.json").read_text())["pages"]:
        assert all((FOLDER / f"{page}.{kind}").exists() for kind in ("js", "json", "wxml", "wxss"))

"""Whether doctor sees how the line to headquarters is."""

import threading

import pytest
from werkzeug.serving import make_server

from appliance.finding import Grade
from appliance.headquarters import check
from core import clock, webhook_signature
from core.pushed.folder import Folder
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.store import StoreSettings
from core.settings import Settings
from hq import publishing
from tests.hq.parts import PORTAL


@pytest.fixture
def url(chain):
    # Whoever asks has the real clock.
    chain.clock.now = clock.now()
    server = make_server("127.0.0.1", 0, chain.browser.application)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def found(chain, url, tmp_path):
    key = webhook_signature.write_key(chain.add_store("store-7", PORTAL))

    def found(**changes):
        line = {"url": url, "key": key, "public_key": chain.public_key, **changes}
        return Settings(
            data_dir=tmp_path,
            store=StoreSettings(id="store-7"),
            headquarters=HeadquartersSettings(**line),
        )

    return found


@pytest.mark.parametrize(
    ("changes", "grade", "words"),
    [
        pytest.param({}, Grade.GOOD, "knows this store", id="good"),
        pytest.param({"url": ""}, Grade.NOTE, "no headquarters.url", id="none"),
        pytest.param({"url": "http://127.0.0.1:9"}, Grade.WRONG, "doorman hq runs", id="away"),
        pytest.param(
            {"key": webhook_signature.write_key(bytes(32))},
            Grade.WRONG,
            "headquarters.key",
            id="another-key",
        ),
    ],
)
def test_doctor_says_how_the_line_is(found, changes, grade, words):
    finding = check.headquarters(found(**changes))

    assert finding.grade is grade
    assert words in finding.text + finding.mend


def test_a_version_that_cannot_be_checked_is_no_good(chain, found):
    with chain.database.writing() as session:
        publishing.publish(session, chain.sealer, {}, chain.clock.now)
    finding = check.headquarters(found(public_key=""))

    assert finding.grade is Grade.WRONG
    assert "headquarters.public_key" in finding.mend


def test_a_store_that_was_rolled_back_is_reminded(found, tmp_path, now):
    Folder(tmp_path).go_by(None, now, is_pinned=True)

    assert "follow" in check.headquarters(found()).mend

import pytest
from click.testing import CliRunner

from appliance.hq.command import hq
from core import webhook_signature
from core.setting_groups.hq import HqSettings, OfficialAccountSettings
from core.settings import Settings, SettingsError, load
from hq import wsgi
from tests.fakes.wechat.server import ENCODING_KEY, OFFICIAL


@pytest.fixture(autouse=True)
def _of_our_own(tmp_path, monkeypatch):
    (tmp_path / "empty.toml").touch()
    monkeypatch.setenv("DOORMAN_CONFIG", str(tmp_path / "empty.toml"))
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "data"))


def run(*arguments):
    return CliRunner().invoke(hq, arguments)


def test_a_store_is_added_and_listed_and_its_key_printed():
    added = run("add-store", "store-7", "http://wifi.store.test")

    assert added.exit_code == 0
    assert len(webhook_signature.read_key(added.output.strip())) == 32
    assert run("stores").output == "store-7\n"


def test_a_store_that_cannot_be_is_refused_with_a_word_why():
    refused = run("add-store", "Store 7", "http://wifi.store.test")

    assert refused.exit_code == 1
    assert "store.id" in refused.output


def test_the_relay_opens_without_any_account(tmp_path):
    parts = wsgi.open_parts(Settings(data_dir=tmp_path / "data"))

    assert (parts.official_account, parts.mini_program, parts.website) == (None, None, None)
    pool = parts.database.engine.pool
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("APP_ID", "hunter2", "app_id"),
        ("APP_ID", OFFICIAL, "go together"),
        ("ENCODING_KEY", "hunter2", "43 characters"),
    ],
)
def test_an_account_set_halfway_stops_the_start_and_names_the_setting(
    monkeypatch, name, value, word
):
    monkeypatch.setenv(f"DOORMAN_HQ__OFFICIAL_ACCOUNT__{name}", value)

    with pytest.raises(SettingsError, match=word) as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_an_account_needs_the_token_of_its_callbacks():
    with pytest.raises(ValueError, match="callback_token"):
        OfficialAccountSettings(app_id=OFFICIAL, secret="s")


def test_an_encoding_key_that_is_no_base64_stops_the_start(tmp_path):
    account = OfficialAccountSettings(
        app_id=OFFICIAL, secret="s", callback_token="t", encoding_key="!" * 43
    )
    found = Settings(data_dir=tmp_path / "data", hq=HqSettings(official_account=account))

    with pytest.raises(SettingsError, match="encoding_key"):
        wsgi.open_parts(found)


def test_an_encoding_key_turns_safe_mode_on(tmp_path):
    account = OfficialAccountSettings(
        app_id=OFFICIAL, secret="s", callback_token="t", encoding_key=ENCODING_KEY
    )
    found = Settings(data_dir=tmp_path / "data", hq=HqSettings(official_account=account))

    assert wsgi.open_parts(found).envelope

import pytest

from core import settings


def test_stands_without_any_file_or_variable():
    assert settings.load().portal.port == 8080


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    file = tmp_path / "doorman.toml"
    file.write_text('[store]\nid = "from-file"\n[portal]\nport = 81\n')
    monkeypatch.setenv("DOORMAN_CONFIG", str(file))
    monkeypatch.setenv("DOORMAN_PORTAL__PORT", "82")

    found = settings.load()

    assert (found.store.id, found.portal.port) == ("from-file", 82)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        pytest.param("PORTAL__PORT", "99999", ["portal.port", "65535"], id="port"),
        pytest.param("STORE__TIME_ZONE", "Mars/Base", ["store.time_zone", "IANA"], id="zone"),
        pytest.param("STORE__COUNTRIES", '["cn"]', ["store.countries", "ISO 3166"], id="country"),
        pytest.param("GATE__KIND", "iptables", ["gate.kind", "nftables", "recording"], id="kind"),
        pytest.param("TRAFFIC__INSIDE_DBM", "-95", ["traffic", "outside_dbm"], id="thresholds"),
        pytest.param("LOG_LEVEL", "loud", ["log_level", "debug", "warning"], id="level"),
        pytest.param(
            "PORTAL__NEIGHBOURS", "loopback", ["portal.neighbours", "gate.kind"], id="demo-only"
        ),
        pytest.param("PORTAL__PROT", "80", ["portal.prot", "no such setting"], id="misspelt"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(monkeypatch, name, value, says):
    monkeypatch.setenv(f"DOORMAN_{name}", value)

    with pytest.raises(settings.SettingsError) as caught:
        settings.load()

    assert [word for word in says if word not in str(caught.value)] == []


def test_a_wrong_secret_is_not_repeated(monkeypatch, tmp_path):
    file = tmp_path / "doorman.toml"
    file.write_text("[crm]\nsigning_key = ['whsec_verysecret']\n")
    monkeypatch.setenv("DOORMAN_CONFIG", str(file))

    with pytest.raises(settings.SettingsError) as caught:
        settings.load()

    assert "crm.signing_key" in str(caught.value)
    assert "verysecret" not in str(caught.value)


def test_a_file_that_is_named_must_be_there(monkeypatch, tmp_path):
    monkeypatch.setenv("DOORMAN_CONFIG", str(tmp_path / "missing.toml"))

    with pytest.raises(settings.SettingsError, match=r"missing\.toml"):
        settings.load()


def test_a_file_that_is_no_toml_is_named(monkeypatch, tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text("store = [")
    monkeypatch.setenv("DOORMAN_CONFIG", str(file))

    with pytest.raises(settings.SettingsError, match=r"broken\.toml.*TOML"):
        settings.load()

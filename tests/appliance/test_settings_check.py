import pytest

from appliance import cli


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    def told(text, *options):
        file = tmp_path / "doorman.toml"
        file.write_text(text)
        monkeypatch.setenv("DOORMAN_CONFIG", str(file))
        with pytest.raises(SystemExit) as ended:
            cli.main(["settings", *options])
        return ended.value.code, capsys.readouterr()

    return told


def test_right_settings_are_called_right(check):
    status, words = check('[store]\nid = "shop-1"\n')

    assert (status, "shop-1" in words.out) == (0, True)


def test_a_setting_that_is_not_there_is_named(check):
    status, words = check('[store]\ncolour = "red"\n')

    assert (status, "store.colour" in words.err) == (2, True)


KEY = "whsec_" + "A" * 43 + "="
UNIFI = """
[gate]
kind = "unifi"
[portal]
url = "http://192.168.10.5"
neighbours = "redirect"
[passes]
per_day = 0
[clones]
challenges = 0
[unifi]
url = "https://192.168.1.1"
username = "doorman"
"""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(
            '[crm]\nkind = "webhook"\nurl = "http://crm.example.com/"', "crm.url", id="jobs"
        ),
        pytest.param('[gate]\nuplink_interface = "br-lan"', "gate", id="firewall"),
        pytest.param(
            '[gate]\nkind = "recording"\nallowed_users = ["nobody-here"]', "allowed", id="users"
        ),
        pytest.param(
            '[sensor]\ninterfaces = ["mon0"]\nhopping = ["slow 1 1"]',
            "sensor.hopping",
            id="sensor",
        ),
        pytest.param(
            '[front]\nserver = "nginx"\n[portal]\nurl = "https://x.example"',
            "certificate",
            id="front",
        ),
        pytest.param(UNIFI, "unifi.password", id="gateway"),
    ],
)
def test_what_a_program_would_end_with_is_named_before_it_starts(text, named, check, tmp_path):
    folder = tmp_path / "data"
    status, words = check(f'data_dir = "{folder}"\n{text}\n')

    assert (status, named in words.err) == (2, True), words
    assert not folder.exists()
    assert check(f'data_dir = "{folder}"\n{text}\n', "--read")[0] == 0


def test_secrets_in_a_file_for_everybody_are_named_and_not_repeated(check, monkeypatch):
    text = """
        [database]
        url = "postgresql://doorman:s3same@db/doorman"
        [unifi]
        password = "s3same"
        [radius.secrets]
        nas1 = "s3same-s3same-s3same"
    """
    status, words = check(text, "--read", "--without-secrets")

    assert status == 2
    for name in ("database.url", "unifi.password", "radius.secrets.nas1"):
        assert f"{name} is a secret" in words.err
    assert "s3same" not in words.err
    monkeypatch.setenv("DOORMAN_UNIFI__PASSWORD", "s3same")
    assert check('[unifi]\nurl = "https://a"\n', "--read", "--without-secrets")[0] == 0

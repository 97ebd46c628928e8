import pytest

from appliance import cli


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    def told(text):
        file = tmp_path / "doorman.toml"
        file.write_text(text)
        monkeypatch.setenv("DOORMAN_CONFIG", str(file))
        with pytest.raises(SystemExit) as ended:
            cli.main(["settings"])
        return ended.value.code, capsys.readouterr()

    return told


def test_right_settings_are_called_right(check):
    status, words = check('[store]\nid = "shop-1"\n')

    assert (status, "shop-1" in words.out) == (0, True)


def test_a_setting_that_is_not_there_is_named(check):
    status, words = check('[store]\ncolour = "red"\n')

    assert (status, "store.colour" in words.err) == (2, True)

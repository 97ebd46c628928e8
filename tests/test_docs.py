from pathlib import Path

from click.testing import CliRunner

from appliance import cli, law_page, settings_page

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented_and_nothing_else():
    assert (ROOT / "docs/settings.md").read_text("utf-8") == settings_page.page(), "make docs"


def test_the_page_on_the_law_is_that_of_its_file():
    assert (ROOT / "docs/law.md").read_text("utf-8") == law_page.page(), "make docs"


def test_every_command_loads_and_says_what_it_does():
    for name in cli.doorman.list_commands(None):
        result = CliRunner().invoke(cli.doorman, [name, "--help"])

        assert result.exit_code == 0, name
        assert "Usage:" in result.output


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")

    missing = [name for name in cli.doorman.list_commands(None) if f"doorman {name}" not in readme]
    assert missing == []

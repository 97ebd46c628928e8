"""The papers for lawyers say in both languages what the code does."""

import re
from pathlib import Path

import pytest
import yaml

from appliance import cli
from core import periods
from core.settings import Settings

ROOT = Path(__file__).parent.parent
PAPERS = ROOT / "docs/papers"
NAMES = sorted({path.name.split(".")[0] for path in PAPERS.glob("*.*.md")})

each_paper = pytest.mark.parametrize("name", NAMES)


def both(name):
    return tuple((PAPERS / f"{name}.{language}.md").read_text("utf-8") for language in ("zh", "en"))


def shape(text):
    """Headings by their depth, and the columns of each row."""
    return [
        line.split(" ")[0] if line.startswith("#") else line.count("|")
        for line in text.splitlines()
        if line.startswith(("#", "|"))
    ]


@each_paper
def test_a_paper_is_the_same_in_both_languages(name):
    chinese, english = both(name)

    assert shape(chinese) == shape(english)
    assert sorted(re.findall("`[^`]+`", chinese)) == sorted(re.findall("`[^`]+`", english))


@each_paper
def test_a_paper_says_that_a_lawyer_has_to_read_it(name):
    chinese, english = both(name)

    assert "**模板，使用前须由律师审阅。**" in chinese
    assert "**A template that a lawyer has to read before it is used.**" in english


def test_every_paper_is_listed():
    page = (PAPERS / "README.md").read_text("utf-8")

    assert {f"{name}.{language}.md" for name in NAMES for language in ("zh", "en")} == set(
        re.findall(r"\]\(([\w-]+\.(?:zh|en)\.md)\)", page)
    )


@pytest.mark.parametrize("name", ["impact-assessment", "privacy-notice", "record-of-processing"])
def test_times_are_those_of_the_code(name):
    flows = yaml.safe_load((ROOT / "deploy/ansible/roles/flow_log/defaults/main.yml").read_text())
    days = {
        periods.GRANT.days,
        flows["flow_log_days"],
        Settings().sensor.do_not_count_days,
        periods.MEMBER_VISIT.days,
        Settings().access_log.days,
    }
    chinese, english = both(name)

    for each in days:
        assert f"{each} 天" in chinese
        assert f"{each} days" in english
    assert periods.CONSENT.days == periods.AUDIT_ENTRY.days == 3 * 365
    assert "三年" in chinese
    assert "three years" in english


def test_other_times_and_measures_are_those_of_the_code():
    chinese, english = both("impact-assessment")

    assert f"{periods.GONE_MEMBER.days} 天" in chinese
    assert f"{periods.GONE_MEMBER.days} days" in english
    assert f"少于 {Settings().traffic.suppress_below}（" in chinese
    assert f"fewer than {Settings().traffic.suppress_below} (" in english
    assert f"截短为 {Settings().sensor.pseudonym_bits} 位" in chinese
    assert f"cut to {Settings().sensor.pseudonym_bits} bits" in english
    assert f"满 {Settings().minimum_age} 周岁" in chinese
    assert f"declares {Settings().minimum_age} years" in english


def test_a_breach_has_its_clock_in_both_languages():
    chinese, english = both("breach-runbook")

    assert "**立即**" in chinese
    assert "**at once**" in english
    assert "**72 小时**" in chinese
    assert "**72 hours**" in english


@each_paper
def test_commands_are_there(name):
    for text in both(name):
        for words in re.findall(r"`doorman ([a-z][a-z -]*)`", text):
            command = cli.doorman
            for word in words.split():
                command = command.get_command(None, word)
                assert command is not None, words

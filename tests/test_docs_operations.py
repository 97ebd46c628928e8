"""What IT's pages name is there: variables, commands, make targets, pictures, pages."""

import re
from pathlib import Path

import click
import pytest
import yaml

from appliance import cli
from core.settings import Settings

ROOT = Path(__file__).parent.parent
ANSIBLE = ROOT / "deploy/ansible"
PICTURES = ROOT / "docs/pictures"
INSTALL = ROOT / "docs/operations/install.md"
PAGES = [*sorted((ROOT / "docs/operations").glob("*.md")), ANSIBLE / "README.md"]
DOCS = [*PAGES, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.parent.name + "/" + page.name
)


def variables():
    """Those that roles describe, and the facts of a shop that roles or playbooks read."""
    read = "\n".join(
        path.read_text("utf-8")
        for path in ANSIBLE.rglob("*.yml")
        if "inventories" not in path.parts
    )
    described = set()
    for path in ANSIBLE.glob("roles/*/meta/argument_specs.yml"):
        described |= yaml.safe_load(path.read_text("utf-8"))["argument_specs"]["main"][
            "options"
        ].keys()
    return described | set(re.findall(r"\b(?:shop|rollout|uninstall)_[a-z0-9_]+", read))


def roles():
    return [path.name for path in ANSIBLE.glob("roles/*")]


@each_page
def test_every_variable_is_one_that_roles_take(page):
    prefix = "|".join(["shop", "rollout", "uninstall", *roles()])
    spelt = re.findall(rf"\b((?:{prefix})_[a-z0-9_]*[a-z0-9])\b(?![./])", page.read_text("utf-8"))

    assert set(spelt) - variables() - {"access_point", "flow_log"} == set()


def test_roles_agree_on_what_a_fact_is_that_is_not_said():
    said = {}
    for path in ANSIBLE.glob("roles/*/*/*.yml"):
        for fact, default in re.findall(
            r"(shop_\w+) \| default\((.*?)\)(?= [}|ie])", path.read_text("utf-8")
        ):
            said.setdefault(fact, set()).add(default)

    assert {fact: found for fact, found in said.items() if len(found) > 1} == {}
    assert said["shop_portal_https"] == {"false"}


@each_page
def test_every_command_of_ours_is_one(page):
    for line in re.findall(r"(?<![\w/.-])doorman ((?:[a-z][a-z-]* ?)+)", commands_in(page)):
        command = cli.doorman
        for word in line.split():
            if not isinstance(command, click.Group):
                break
            found = command.get_command(click.Context(command), word)
            # A group may be called by itself, with a word that is an argument or prose after it.
            assert found or command.invoke_without_command, f"doorman {line}"
            if found is None:
                break
            command = found


@each_page
def test_every_make_target_is_one(page):
    targets = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert (
        set(
            re.findall(
                r"(?:^|(?:^|&& )make(?:^|&& )make |[A-Z]\S+ )make ([a-z0-9-]+)",
                commands_in(page),
                re.MULTILINE,
            )
        )
        - set(targets)
        == set()
    )


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_and_place_that_is_linked_is_there(page):
    for target, _, place in re.findall(r"\]\(([^)#:\s]*)(#([^)\s]+))?\)", page.read_text("utf-8")):
        there = (page.parent / target) if target else page

        assert there.exists(), target
        if place and there.suffix == ".md":
            assert place in places_of(there), f"{target}#{place}"


def test_every_picture_is_shown_and_every_one_shown_is_there():
    shown = set()
    for page in DOCS:
        found = re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", page.read_text("utf-8"))
        shown |= {(page.parent / picture).resolve() for picture in found}

    assert shown == set(PICTURES.glob("*.png"))
    assert sum(picture.stat().st_size for picture in shown) < 1_500_000


def test_the_guide_writes_settings_that_a_release_takes():
    text = INSTALL.read_text("utf-8")
    blocks = re.findall(r"(?:^    .*\n|^\n)+", text, re.MULTILINE)
    written = [
        yaml.safe_load(re.sub(r"^    ", "", block, flags=re.MULTILINE))["release_settings"]
        for block in blocks
        if re.search(r"^    release_settings:", block, re.MULTILINE)
    ]
    assert len(written) == 2
    written[1]["sms"]["aliyun"]["access_key_secret"] = "made up"

    for settings in written:
        Settings(**settings)


def commands_in(page):
    """Its lines of commands, and what stands between backquotes."""
    text = page.read_text("utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines() if line.startswith("    ")]
    return "\n".join([*lines, *re.findall(r"`([^`\n]+)`", text)])


def places_of(page):
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {slug(heading) for heading in headings} | set(re.findall(r'<a id="([^"]+)"', text))


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

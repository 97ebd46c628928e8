"""Pages that say what is proven name tests that exist, and leave no row without an answer."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "docs/requirements.md"
PAGES = [
    path for path in sorted((ROOT / "docs").glob("*.md")) if "::test_" in path.read_text("utf-8")
]
NAMED = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
WANTED = {
    f"{kind}{n}" for kind, most in (("P", 10), ("S", 8), ("Y", 8)) for n in range(1, most + 1)
}


def rows(page):
    """First cell and the rest of each row of a table that has a first cell like `P10`."""
    return re.findall(r"(?m)^\| ([A-Z]\d+) \| (.*) \|$", page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_that_is_named_exists(page):
    missing = [
        f"{file}::{name}"
        for file, name in NAMED.findall(page.read_text("utf-8"))
        if not (ROOT / file).exists()
        or not re.search(rf"(?m)^ *(async )?def {name}\(", (ROOT / file).read_text("utf-8"))
    ]

    assert missing == []


def test_every_requirement_has_one_row():
    found = [row for row, _ in rows(REQUIREMENTS)]

    assert sorted(found) == sorted(WANTED)


def test_every_requirement_is_proven_or_called_open():
    silent = [
        row
        for row, answer in rows(REQUIREMENTS)
        if not NAMED.search(answer) and "**Open:**" not in answer
    ]

    assert silent == []

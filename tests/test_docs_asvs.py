"""The page that answers OWASP's list answers all of it, and counts its own answers right."""

import collections
import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs/asvs.md"
# The requirements of levels 1 and 2, by section: the last number, and those that are not among
# them (of level 3 alone, or taken back).
SECTIONS = """
1.1:7 1.2:4 1.4:5 1.5:4 1.6:4 1.7:2 1.8:2 1.9:2 1.10:1 1.11:2 1.12:2 1.14:6 2.1:12 2.2:3
2.3:3 2.4:6 2.5:7 2.6:3 2.7:6 2.8:7 2.9:3 2.10:4 3.1:1 3.2:4 3.3:4 3.4:5 3.5:3 3.7:1
4.1:5 4.2:2 4.3:3 5.1:5 5.2:8 5.3:10 5.4:3 5.5:4 6.1:3 6.2:6 6.3:2 6.4:2 7.1:4 7.2:2
7.3:4 7.4:3 8.1:4 8.2:3 8.3:8 9.1:3 9.2:4 10.2:2 10.3:3 11.1:8 12.1:3 12.2:1 12.3:6
12.4:2 12.5:2 12.6:1 13.1:5 13.2:6 13.3:2 13.4:2 14.1:4 14.2:6 14.3:3 14.4:7 14.5:4
"""
LEFT_OUT = {"1.4.2", "1.4.3", "1.12.1", "4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}
WANTED = {
    f"{name}.{n}"
    for name, last in (each.split(":") for each in SECTIONS.split())
    for n in range(1, int(last) + 1)
} - LEFT_OUT
ANSWERS = ("yes", "partly", "no", "–")
ROW = re.compile(r"(?m)^\| ((?:\d+\.\d+\.\d+(?:, )?)+) [^|]+ \| ([^|]+) \| [^|]+ \|$")


def answers():
    text = PAGE.read_text("utf-8")
    return [(n, answer) for found, answer in ROW.findall(text) for n in found.split(", ")]


def test_each_requirement_has_one_answer():
    assert sorted(number for number, _ in answers()) == sorted(WANTED)
    assert {answer for _, answer in answers()} == set(ANSWERS)


def counted():
    """The table of counts, as the answers have it."""
    found = collections.Counter((int(n.split(".")[0]), answer) for n, answer in answers())
    yield "| chapter | yes | partly | no | – |"
    yield "|---|---|---|---|---|"
    for chapter in range(1, 15):
        yield f"| V{chapter} | {' | '.join(str(found[chapter, each]) for each in ANSWERS)} |"
    sums = [sum(found[chapter, each] for chapter in range(1, 15)) for each in ANSWERS]
    yield f"| all {sum(sums)} | {' | '.join(map(str, sums))} |"


def test_the_counts_are_those_of_the_answers():
    assert "\n".join(counted()) in PAGE.read_text("utf-8"), "\n".join(counted())

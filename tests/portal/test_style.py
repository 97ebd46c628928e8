"""The style sheet's colours can be told apart (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

import portal

SHEET = (Path(portal.__file__).parent / "static" / "portal.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block))
    for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
)

TEXT, EDGE = 4.5, 3.0


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    levels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_right():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        ("ink", "ground", TEXT),
        ("ink", "card", TEXT),
        ("ink", "wash", TEXT),
        ("soft", "ground", TEXT),
        ("soft", "card", TEXT),
        ("soft", "wash", TEXT),
        ("accent", "ground", TEXT),
        ("accent", "wash", TEXT),
        ("on-accent", "accent", TEXT),
        ("bad", "ground", TEXT),
        ("bad", "bad-wash", TEXT),
        ("edge", "ground", EDGE),
        ("edge", "card", EDGE),
    ],
)
def test_colours_can_be_told_apart(scheme, front, back, least):
    assert contrast(scheme[front], scheme[back]) >= least


def test_both_schemes_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()

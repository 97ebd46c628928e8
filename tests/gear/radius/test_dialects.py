import re
from pathlib import Path

import pytest

from gate.shape import Limits
from gear.radius import orders
from gear.radius.dialects import Again, all_dialects

ROOT = Path(__file__).parents[3]
FREERADIUS = Path("/usr/share/freeradius")
# What an order to extend a session says, whatever the make.
_STANDARD = {"Session-Timeout"}


def named(dialect):
    kept = (dialect.portal, dialect.online, dialect.again_with, dialect.speed, dialect.quota)
    return {*dialect.keys, *(name for attributes in kept for name in attributes)}


@pytest.mark.parametrize("name", all_dialects())
def test_freeradius_knows_every_attribute_of_a_dialect(name):
    if not FREERADIUS.is_dir():
        pytest.skip("FreeRADIUS is not installed (apt-get install freeradius)")
    known = {
        found[1]
        for path in FREERADIUS.glob("dictionary*")
        for found in re.finditer(r"^ATTRIBUTE\s+(\S+)", path.read_text("latin-1"), re.MULTILINE)
    }

    assert named(all_dialects()[name]) - known == set()


@pytest.mark.parametrize("name", all_dialects())
def test_an_order_can_say_all_that_a_dialect_wants_of_it(name):
    dialect = all_dialects()[name]
    said = {*dialect.keys, *dialect.again_with}
    if dialect.extend:
        said |= _STANDARD | dialect.speed.keys() | dialect.quota.keys() | dialect.online.keys()

    assert {each for each in said if f"ATTRIBUTE {each} " not in orders.DICTIONARY} == set()


@pytest.mark.parametrize("name", all_dialects())
def test_a_dialect_that_asks_again_by_coa_says_with_what(name):
    dialect = all_dialects()[name]

    assert (dialect.again is Again.COA) == bool(dialect.again_with)


def test_limits_are_said_in_each_makes_own_units():
    chilli = all_dialects()["coovachilli"]
    limits = Limits(down_kbit_s=4000, up_kbit_s=1000, bytes=6_000_000_000)

    assert chilli.limit_attributes(limits, 5_000_000_000) == {
        "ChilliSpot-Bandwidth-Max-Up": ("1000",),
        "ChilliSpot-Bandwidth-Max-Down": ("4000",),
        "ChilliSpot-Max-Total-Octets": ("4294967295",),
    }


def test_no_limit_is_not_said():
    assert all_dialects()["coovachilli"].limit_attributes(Limits(), 1) == {}


def test_every_dialect_is_in_the_guide_and_nothing_else():
    page = (ROOT / "docs/gear-radius.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z0-9]+)` \| ([^|]*) \| ([^|]*) \|", page, re.MULTILINE)

    assert [(name, text.strip(), tried.strip()) for name, text, tried in rows] == [
        (name, each.name, each.tried or "not tried") for name, each in all_dialects().items()
    ]

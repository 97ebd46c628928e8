"""What the law of where a store is asks of it: `law.toml`, as data, and what goes against it.

Made for the settings, which refuse to load with what it forbids. No legal advice: docs/law.md
says what of it nobody has read in the law's own words.
"""

import dataclasses
import datetime as dt
import enum
import functools
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from core import periods

_FILE = Path(__file__).with_name("law.toml")
_ELSEWHERE = "other"


class Sure(enum.StrEnum):
    """How well a rule is known."""

    SECOND_HAND = "second-hand"
    UNVERIFIED = "unverified"
    OURS = "ours"
    """No rule that we know of: a measure of our own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    by: str
    """Which law, and where in it."""
    sure: Sure


@dataclasses.dataclass(frozen=True, slots=True)
class Keeping(Rule):
    """For how many days a sort of record is kept."""

    at_least: int | None
    at_most: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Age(Rule):
    usual: int
    lowest: int


@dataclasses.dataclass(frozen=True, slots=True)
class Need(Rule):
    is_needed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Names(Rule):
    names: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Profile:
    name: str
    countries: frozenset[str]
    age: Age
    strict_sensor: Need
    stays: Need
    """Whether personal data has to stay in `countries` (`core.destinations`)."""
    real_name: Need
    boxes: Names
    log_fields: Names
    records: Mapping[str, Keeping]

    @classmethod
    def parse(cls, name: str, said: Mapping[str, Any]) -> Self:
        age, strict, stays = said["minimum_age"], said["strict_sensor"], said["stays"]
        real_name = said["real_name"]
        return cls(
            name,
            frozenset(said["countries"]),
            Age(**_rule(age), usual=age["is"], lowest=age["lowest"]),
            Need(**_rule(strict), is_needed=strict["is"]),
            Need(**_rule(stays), is_needed=stays["is"]),
            Need(**_rule(real_name), is_needed=real_name["is"]),
            _names(said["boxes"]),
            _names(said["log_fields"]),
            {each: _keeping(rule) for each, rule in said["records"].items()},
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """For how long something is kept, and what says so."""

    days: int
    by: str
    """A setting, or a number of `core.periods`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What of the settings the law is concerned with."""

    minimum_age: int
    is_strict: bool
    kept: Mapping[str, Kept]


CONSTANTS = {
    "sessions": Kept(periods.GRANT // dt.timedelta(days=1), "GRANT of core/periods.py"),
    "audit_log": Kept(
        periods.AUDIT_ENTRY // dt.timedelta(days=1), "AUDIT_ENTRY of core/periods.py"
    ),
    "consents": Kept(periods.CONSENT // dt.timedelta(days=1), "CONSENT of core/periods.py"),
    "told_to_crm": Kept(periods.CRM_PROOF // dt.timedelta(days=1), "CRM_PROOF of core/periods.py"),
}
"""What no setting changes."""


@functools.cache
def profiles() -> Mapping[str, Profile]:
    said = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: Profile.parse(name, each) for name, each in said.items()}


def profile(name: str, country: str) -> Profile:
    """The one of this name, else that of the country."""
    known = profiles()
    if name:
        return known[name]
    of_country = (each for each in known.values() if country in each.countries)
    return next(of_country, known[_ELSEWHERE])


def kept(**days: int) -> dict[str, Kept]:
    """All that is kept: what the settings say of each record, and what they cannot change."""
    return {name: Kept(each, f"{name}.days") for name, each in days.items()} | CONSTANTS


def problems(law: Profile, asked: Asked) -> list[str]:
    """What goes against the law, each with the rule and what to set."""
    return [*_of_age(law, asked), *_of_sensor(law, asked), *_of_records(law, asked)]


def _of_age(law: Profile, asked: Asked) -> Iterator[str]:
    if asked.minimum_age < law.age.lowest:
        yield (
            f"portal.minimum_age = {asked.minimum_age}: {cited(law, law.age)} takes no less than"
            f" {law.age.lowest}. Set that or more, or leave it out"
        )


def _of_sensor(law: Profile, asked: Asked) -> Iterator[str]:
    if law.strict_sensor.is_needed and not asked.is_strict:
        yield f"sensor.strict = false: {cited(law, law.strict_sensor)} asks for true"


def _of_records(law: Profile, asked: Asked) -> Iterator[str]:
    for name, each in asked.kept.items():
        rule = law.records[name]
        if rule.at_least is not None and each.days < rule.at_least:
            yield (
                f"{each.by} is {each.days} days: {cited(law, rule)} asks for at least"
                f" {rule.at_least}. Set that or more"
            )
        if rule.at_most is not None and each.days > rule.at_most:
            yield (
                f"{each.by} is {each.days} days: {cited(law, rule)} allows at most"
                f" {rule.at_most}. Set that or fewer"
            )


def cited(law: Profile, rule: Rule) -> str:
    """The rule as a message names it."""
    mark = " (unverified)" if rule.sure is Sure.UNVERIFIED else ""
    return f'law.profile "{law.name}", {rule.by}{mark},'


def _rule(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"by": said["by"], "sure": Sure(said["sure"])}


def _keeping(said: Mapping[str, Any]) -> Keeping:
    return Keeping(**_rule(said), at_least=said.get("at_least"), at_most=said.get("at_most"))


def _names(said: Mapping[str, Any]) -> Names:
    return Names(**_rule(said), names=tuple(said["is"]))

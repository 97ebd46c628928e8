"""Draws what people carry and what stands about, from the mix in `market.toml`."""

import functools
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sniffer.scene.models import Model, models


class Market:
    """The mix of phones in use.

    Args:
        same_model: this share of phones is of the commonest model and version; the rest is
            drawn as ever. For crowds in which everybody has the same phone.
        year: the year it is; by it the phones in use are older or newer.
    """

    def __init__(self, same_model: float = 0.0, year: int | None = None) -> None:
        self._same_model = same_model
        shares = model_shares(year or _table()["years"]["now"])
        self._names, self._weights = list(shares), list(shares.values())

    def phone(self, rng: random.Random) -> tuple[Model, int]:
        """A model, and a version of its system."""
        if rng.random() < self._same_model:
            return models()[max(zip(self._weights, self._names, strict=True))[1]], 0
        return _versioned(rng, rng.choices(self._names, self._weights)[0])

    def carried(self, rng: random.Random) -> Iterator[tuple[Model, int]]:
        """What one person has with them: nothing, one phone, or two devices."""
        people = _table()["people"]
        chance = rng.random()
        if chance < people["none"]:
            return
        yield self.phone(rng)
        if chance > 1 - people["two"]:
            second = people["second"]
            yield _versioned(rng, rng.choices(list(second), list(second.values()))[0])


def things(rng: random.Random, where: str) -> list[tuple[Model, int]]:
    """What stands in the shop ("furniture") or next door ("neighbours")."""
    return [_versioned(rng, name) for name, count in _table()[where].items() for _ in range(count)]


@functools.cache
def model_shares(now: int) -> dict[str, float]:
    """Share of each model in use.

    Of its maker's phones it has those of its year, and of the years after it until the
    maker's next.
    """
    shares = dict.fromkeys(models(), 0.0)
    for maker, of_maker in _table()["makers"].items():
        line = sorted(
            (model.year, name)
            for name, model in models().items()
            if name[0] == maker and name[1:].isdigit()
        )
        for age, of_age in enumerate(_table()["years"]["share_by_age"]):
            made = [name for year, name in line if year <= now - age]
            shares[made[-1] if made else line[0][1]] += of_maker * of_age
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items() if share}


def _versioned(rng: random.Random, name: str) -> tuple[Model, int]:
    # The newest version is the commonest, the one before half as common, and so on.
    model = models()[name]
    ages = range(model.versions)
    return model, rng.choices(ages, [0.5**age for age in ages])[0]


@functools.cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("market.toml").read_text("utf-8"))

import collections
import random

import pytest

from sniffer.scene import elements, market
from sniffer.scene.market import Market
from sniffer.scene.models import AddressLife, models

BY_MAKER = {"A": 24, "B": 15, "C": 14, "D": 15, "E": 14, "F": 12, "G": 2, "H": 4}


def test_makers_have_the_shares_that_were_written_down():
    shares = collections.Counter()
    for name, share in market.model_shares(2026).items():
        shares[name[0]] += share

    assert shares == pytest.approx({maker: share / 100 for maker, share in BY_MAKER.items()})


@pytest.mark.parametrize("year", [2019, 2023, 2026])
def test_nobody_carries_a_phone_that_is_not_made_yet(year):
    shares = market.model_shares(year)

    assert sum(shares.values()) == pytest.approx(1)
    # A maker whose first phone is younger than that sells it before its time.
    early = [name for name in shares if models()[name].year > year]
    assert sum(shares[name] for name in early) < 0.15
    assert all(name[0] in "FG" for name in early)


def test_a_few_models_are_carried_by_many():
    shares = sorted(market.model_shares(2026).values(), reverse=True)

    assert 0.05 < shares[0] < 0.15
    assert 0.3 < sum(shares[:6]) < 0.5


def test_some_people_carry_nothing_and_some_two_devices():
    rng = random.Random(3)
    counts = collections.Counter(len(list(Market().carried(rng))) for _ in range(5000))

    assert counts[0] / 5000 == pytest.approx(0.10, abs=0.02)
    assert counts[2] / 5000 == pytest.approx(0.08, abs=0.02)
    assert set(counts) == {0, 1, 2}


def test_everybody_can_have_the_same_phone():
    rng = random.Random(3)
    phones = {Market(same_model=1.0).phone(rng) for _ in range(50)}

    assert len(phones) == 1


def test_the_commonest_phone_is_that_of_the_year():
    rng = random.Random(3)

    assert Market(same_model=1.0, year=2022).phone(rng)[0].year <= 2022


@pytest.mark.parametrize("model", models().values(), ids=list(models()))
def test_a_model_can_do_what_its_year_could(model):
    assert not model.he or model.year >= 2019
    assert not model.eht or (model.he and model.year >= 2024)
    assert model.address is not AddressLife.FACTORY or not model.is_carried or model.year < 2018


def test_hardly_two_models_look_alike():
    looks = collections.Counter(
        elements.of(model, version, elements.Look.FULL, 1)
        for model in models().values()
        for version in range(model.versions)
    )

    repeated = sum(looks.values()) - len(looks)
    assert repeated / sum(looks.values()) < 0.1


def test_radios_left_to_themselves_all_look_alike():
    bare = {
        elements.of(model, version, elements.BARE, 6)
        for model in models().values()
        for version in range(model.versions)
    }

    assert len(bare) == 1

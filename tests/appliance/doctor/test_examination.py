import threading

import pytest

from appliance.doctor import examination
from appliance.finding import Finding, Grade


@pytest.fixture
def hanging():
    end = threading.Event()

    def check():
        assert end.wait(60)
        return []

    yield check
    end.set()


def test_a_check_that_hangs_or_fails_costs_the_others_nothing(hanging):
    def fail():
        raise ValueError("13800138000")

    good = Finding(Grade.GOOD, "well")
    checks = {"slow": hanging, "broken": fail, "good": lambda: [good]}
    slow, broken, last = examination.side_by_side(checks, within_s=0.5)

    assert slow.text == "slow: no result within 0.5 s"
    assert (broken.grade, broken.text) == (
        Grade.WRONG,
        "broken: could not be looked at (ValueError)",
    )
    assert last is good
